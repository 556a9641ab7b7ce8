"""Give up hopeless trainings early: an Optuna study with partial_fit, one epoch at a time.

After each epoch a trial reports its accuracy on held-out images, and ends if it is worse than most
trials were after as many epochs. The number of hidden layers and the width of each are drawn, too.
"""

import sys

try:
    import numpy as np
    import optuna
    from _shared import is_quick, load_pixels
    from sklearn.model_selection import train_test_split

    from skmlp_scratch import MLPClassifier
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[tuners]"')

N_EPOCHS = 10


def main() -> None:
    """Run the study, and show what became of each trial."""
    quick = is_quick(__doc__)
    X, y = load_pixels(1_000 if quick else 20_000)
    X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
    classes = np.unique(y)

    def objective(trial: optuna.Trial) -> float:
        model = suggest_model(trial)
        for epoch in range(N_EPOCHS):
            model.partial_fit(X_train, y_train, classes=classes, X_val=X_val, y_val=y_val)
            score = model.history_["validation_score"][-1]
            trial.report(score, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
    )
    study.optimize(objective, n_trials=12 if quick else 30)
    report(study)


def suggest_model(trial: optuna.Trial) -> MLPClassifier:
    """Return a network that the trial has drawn."""
    n_layers = trial.suggest_int("n_layers", 1, 3)
    return MLPClassifier(
        [trial.suggest_int(f"width_{i}", 16, 256, log=True) for i in range(n_layers)],
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "gelu"]),
        learning_rate_init=trial.suggest_float("learning_rate_init", 1e-4, 1e-1, log=True),
        learning_rate="one_cycle",
        max_iter=N_EPOCHS,
        input_scale=1 / 255,
        random_state=np.random.RandomState(0),  # with an int, each epoch's order would be the same
    )


def report(study: optuna.Study) -> None:
    """Print each trial, what pruning has saved, and the best."""
    print("trial  epochs  accuracy")
    for trial in study.trials:
        print(f"{trial.number:5}  {len(trial.intermediate_values):6}  {trial.value:.4f}")
    n_epochs = sum(len(trial.intermediate_values) for trial in study.trials)
    print(f"\nTrained for {n_epochs} epochs instead of {N_EPOCHS * len(study.trials)}")
    print(f"Best: {study.best_params}")


if __name__ == "__main__":
    main()
