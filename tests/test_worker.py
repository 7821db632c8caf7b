"""What a cell has set for the whole process does not reach the exercises."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
import torch
from attentif_worker.worker import ordinary

torch.set_default_device("meta")
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
ordinary(1, sys.argv[1])
made = torch.nn.Linear(2, 3)
print(made.weight.device, made.weight.dtype, torch.is_grad_enabled(), torch._C._len_torch_function_stack())
"""


def test_an_exercise_starts_from_torch_as_it_comes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path)], capture_output=True, text=True, check=True
    )
    # The last figure: nothing stands between the code and torch, which would slow every function of it.
    assert done.stdout.split() == ["cpu", "torch.float32", "True", "0"]
