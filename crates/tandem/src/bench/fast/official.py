"""FAST's encoder by the official processor's algorithm, beside `tandem bench fast --folder DIR`.

    pip install numpy scipy tokenizers transformers
    taskset -c 0 tandem bench fast --folder /tmp/fast
    taskset -c 0 python official.py /tmp/fast

The algorithm is `__call__` of `processing_action_tokenizer.py` (Hugging Face,
physical-intelligence/fast): SciPy's DCT over the batch, NumPy's rounding, a string for each chunk,
and its byte-pair encoding. It is timed once with one chunk a call, as a policy would, and once with
all of them in one call. The processor's own tokenizer is the `PreTrainedTokenizerFast` of `transformers`, which wraps the
`tokenizers` package; both are timed, for what the wrapping costs is no part of the algorithm.
"""

import json
import os
import statistics
import sys
import time

# One core is what the other side has.
os.environ["TOKENIZERS_PARALLELISM"] = "false"
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np
import scipy
import tokenizers
import transformers
from scipy.fft import dct

BATCHES = 11
WARM_UP = 100


def encode(ids_of, scale, min_token, chunks):
    """Ids of each of `chunks` `[N, T, D]`, where `ids_of` is the byte-pair encoding of a string."""
    coefficients = np.around(dct(chunks, axis=1, norm="ortho") * scale)
    ids = []
    for matrix in coefficients:
        text = "".join(map(chr, np.maximum(matrix.flatten() - min_token, 0).astype(int)))
        ids.append(ids_of(text))
    return ids


def measure(how, chunks):
    """Median times, us a chunk, of single chunks and of all at once; and the ids."""
    single_us = []
    for chunk in np.concatenate([chunks[:WARM_UP], chunks]):
        began = time.perf_counter()
        encode(*how, chunk[None])
        single_us.append(1e6 * (time.perf_counter() - began))
    batched_us = []
    for _ in range(BATCHES):
        began = time.perf_counter()
        ids = encode(*how, chunks)
        batched_us.append(1e6 * (time.perf_counter() - began) / len(chunks))
    return statistics.median(single_us[WARM_UP:]), statistics.median(batched_us), ids


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "chunks.json")) as file:
        facts = json.load(file)
    bare = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bare, clean_up_tokenization_spaces=False
    )
    chunks = np.array(facts["chunks"]).reshape(-1, *facts["shape"])
    how = (facts["scale"], facts["min_token"])
    official = measure((lambda text: wrapped(text)["input_ids"], *how), chunks)
    direct = measure((lambda text: bare.encode(text).ids, *how), chunks)
    ids = official[2]

    same = sum(ours == theirs for ours, theirs in zip(facts["tokens"], ids, strict=True))
    ours_us = facts["encode_us"]["p50"]
    print(f"numpy {np.__version__}, scipy {scipy.__version__}", end=", ")
    print(f"tokenizers {tokenizers.__version__}, transformers {transformers.__version__}")
    print(f"{same} of {len(chunks)} chunks have the same ids")
    print(f"{'':<32}{'us a chunk, p50':>16}{'to tandem':>12}")
    print(f"{'tandem':<32}{ours_us:>16.2f}{1:>12.1f}")
    for name, us in [
        ("official, one chunk a call", official[0]),
        (f"official, all {len(chunks)} in one call", official[1]),
        ("without transformers, one", direct[0]),
        (f"without transformers, all {len(chunks)}", direct[1]),
    ]:
        print(f"{name:<32}{us:>16.2f}{us / ours_us:>12.1f}")
    return 0 if same == len(chunks) else 1


if __name__ == "__main__":
    sys.exit(main())
