"""The machine around it: faults, load, memory, fuzzing, and programs of their own; all slow."""
