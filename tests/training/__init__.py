"""Training: objective, optimizers and schedules."""
