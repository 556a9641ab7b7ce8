"""The network: layers, losses and their gradients."""
