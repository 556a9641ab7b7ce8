"""Images of equal size, side by side in one pair of axes."""

from math import ceil
from typing import Any

from skmlp_scratch._typing import Array
from skmlp_scratch.display._checks import check_count

GAP = 0.04  # on each side of an image, where the image and its gaps are 1 wide
WRONG = "tab:red"
FONT_SIZE = 9  # in points, of captions
FITTING = 16  # how many characters of this size fit above an image of a new figure


class Grid:
    """Images row by row, each 1 wide with its gaps, below a caption of height `headroom`.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images.
    n_columns : int
        Largest number of images in a row.
    headroom : float, default=0.0
        Height of the space for a caption above each image.

    Attributes
    ----------
    n_columns : int
        Number of images in the first row.
    height : float
        Height of all rows.
    boxes : list of tuple of float
        Left, right, bottom and top of each image. Larger values are further down.
    """

    def __init__(self, images: Array, n_columns: int, headroom: float = 0.0) -> None:
        check_count("n_columns", n_columns)
        n_images, height, width = images.shape
        aspect = height / width
        gap, row_height = GAP * aspect, headroom + aspect
        self.images = images
        self.n_columns = min(n_columns, n_images)
        self.height: float = ceil(n_images / n_columns) * row_height
        self.boxes: list[tuple[float, float, float, float]] = []
        for row, column in (divmod(number, self.n_columns) for number in range(n_images)):
            bottom = (row + 1) * row_height
            box = column + GAP, column + 1 - GAP, bottom - gap, bottom - aspect + gap
            self.boxes.append(box)

    def draw(self, ax: Any, im_kw: dict[str, Any]) -> list[Any]:
        """Draw the images, and nothing around them."""
        images = zip(self.images, self.boxes, strict=True)
        drawn = [ax.imshow(image, extent=box, **im_kw) for image, box in images]
        ax.set(xlim=(0, self.n_columns), ylim=(self.height, 0), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        return drawn

    def draw_captions(
        self, ax: Any, captions: list[str], wrong: Array, text_kw: dict[str, Any]
    ) -> list[Any]:
        """Draw a caption above each image and a frame around it, red where it is wrong."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415  (optional)

        texts = []
        longest = max(len(line) for caption in captions for line in caption.split("\n"))
        fontsize = min(FONT_SIZE, FONT_SIZE * FITTING / max(1, longest))
        for caption, is_wrong, box in zip(captions, wrong, self.boxes, strict=True):
            left, right, bottom, top = box
            text = ax.text((left + right) / 2, top - GAP, caption, fontsize=fontsize)
            text.set(color=WRONG if is_wrong else "black", ha="center", va="bottom")
            text.set(parse_math=False, usetex=False)  # labels may hold any character
            text.set(**text_kw)  # which takes aliases like "size", unlike the keywords of `text`
            texts.append(text)
            frame = Rectangle((left, top), right - left, bottom - top, fill=False)
            frame.set(edgecolor=WRONG if is_wrong else "lightgray", linewidth=1 + is_wrong)
            ax.add_patch(frame)
        return texts
