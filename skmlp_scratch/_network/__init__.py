"""What is computed: layers, activations, losses, the forward and the backward pass."""
