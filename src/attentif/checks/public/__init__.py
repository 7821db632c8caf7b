"""The public checks, one module an exercise."""
