"""IDX files and MNIST."""
