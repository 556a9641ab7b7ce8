"""How it is learned: objective, optimizers, schedules, and the solvers that run them."""
