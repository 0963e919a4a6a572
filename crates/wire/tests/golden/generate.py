"""Writes one payload of each message with `rosbags`, an implementation of CDR that is not ours.

The definitions come from ../../msg and, for standard types, from rosbags' copy of ROS 2 Humble. The
values are those of ../it/samples.rs. Run again after a change of a definition:

    python3 -m pip install --target /tmp/rosbags rosbags==0.11.9
    PYTHONPATH=/tmp/rosbags python3 generate.py
"""

from pathlib import Path

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

HERE = Path(__file__).parent
PACKAGE = "tandem_msgs/msg/"

store = get_typestore(Stores.ROS2_HUMBLE)
definitions = {}
for path in sorted((HERE / "../../msg").glob("*.msg")):
    definitions.update(get_types_from_msg(path.read_text(), PACKAGE + path.stem))
store.register(definitions)


def make(type_name, /, **fields):
    return store.types[type_name](**fields)


def time(sec, nanosec):
    return make("builtin_interfaces/msg/Time", sec=sec, nanosec=nanosec)


def header(sec, nanosec, frame_id):
    return make("std_msgs/msg/Header", stamp=time(sec, nanosec), frame_id=frame_id)


def doubles(*values):
    return np.array(values, dtype=np.float64)


def tandem(type_name, /, **fields):
    return make(PACKAGE + type_name, **fields)


def distribution():
    return tandem(
        "Distribution",
        name="control.lateness",
        unit="us",
        n=1000,
        p50=1.0,
        p99=2.0,
        p99_9=3.0,
        max=4.0,
    )


SAMPLES = [
    make(
        "sensor_msgs/msg/JointState",
        header=header(12, 345678901, ""),
        name=["shoulder", "elbow", "jaw"],
        position=doubles(0.25, -1.5, 3.0),
        velocity=doubles(0.0, -0.125, 2.5),
        effort=doubles(),
    ),
    make(
        "sensor_msgs/msg/Image",
        header=header(3, 7, "front"),
        height=2,
        width=1,
        encoding="rgb8",
        is_bigendian=0,
        step=3,
        data=np.array([255, 128, 0, 1, 2, 3], dtype=np.uint8),
    ),
    tandem(
        "JointCommand",
        stamp=time(1, 2),
        epoch=3,
        sequence=4,
        valid_for_ns=20_000_000,
        position=doubles(0.5, -0.5, 0.75),
        velocity=doubles(1.0, 0.0, -1.0),
    ),
    tandem(
        "Receipt",
        stamp=time(5, 6),
        epoch=7,
        command_epoch=3,
        command_sequence=4,
        applied=100,
        refused=2,
        refusal=5,
        limits_hash=0x0123_4567_89AB_CDEF,
    ),
    tandem("Heartbeat", stamp=time(6, 7), token=0x0123_4567_89AB_CDEF),
    tandem("Instruction", stamp=time(8, 9), id=10, text="touch the gr\u00fcn cube"),
    tandem("ControlRequest", kind=5, text="go to the small ball"),
    tandem("ControlReply", ok=True, message="armed", nonce=123_456),
    tandem(
        "Status",
        stamp=time(11, 12),
        epoch=13,
        mode=2,
        mode_text="holding",
        reaction=3,
        cause="latent goal is 1.2 s old",
        instruction="touch the red cube",
        system1_bundle="chunked",
        system2_bundle="small",
        engine="candle",
        swap="swap 2: done",
        progress=0.5,
        control_hz=1000.0,
        system1_hz=200.0,
        system2_hz=8.0,
        state_age_ms=1.5,
        observation_age_ms=6.25,
        frame_age_ms=40.0,
        latent_age_ms=150.0,
        ticks=14,
        missed=15,
        clamped=16,
        refused=17,
        holds=18,
        garbage=19,
        joints=["a", "bc"],
        q=doubles(0.1, 0.2),
        command=doubles(0.3, 0.4),
        interventions=[
            tandem(
                "Intervention",
                code="velocity",
                times=20,
                joint=1,
                value=-2.5,
                text="joint 1 was asked for -2.50 rad/s",
            )
        ],
    ),
    tandem(
        "Report",
        distributions=[distribution()],
        counters=[tandem("Counter", name="ticks", value=5.0)],
        texts=[
            tandem("Text", name="engine", value="onnx"),
            tandem("Text", name="kernel", value=""),
        ],
    ),
    tandem("PolicyRequest", kind=1, name="per-step", engine="onnx", shadow_s=2.5),
    tandem(
        "PolicyReply",
        ok=True,
        message="two bundles",
        swap=3,
        under_way=True,
        steps=["loading", "in the shadow"],
        shadow=[distribution()],
        bundles=[
            tandem("PolicyBundle", name="chunked", active=True, engine="candle", fault=""),
            tandem("PolicyBundle", name="odd", active=False, engine="", fault="uses joint `tail`"),
        ],
    ),
    tandem(
        "EpisodeRequest",
        seed=2**64 - 1,
        objects_min=2,
        objects_max=5,
        instruct_other=False,
        settle=True,
    ),
    tandem(
        "EpisodeReply",
        ok=True,
        message="",
        episode=20,
        instruction="touch the red cube",
        alternative_instruction="touch the ball",
        target=1,
        alternative=0,
        objects=["large blue ball", "small red cube"],
    ),
    tandem(
        "Truth",
        stamp=time(21, 22),
        episode=23,
        tip_m=doubles(0.2, -0.1, 0.05),
        distances_m=doubles(0.01, 0.2),
        target=1,
        held_s=0.125,
        succeeded=True,
    ),
]

for sample in SAMPLES:
    payload = bytes(store.serialize_cdr(sample, sample.__msgtype__, little_endian=True))
    rows = [payload[start : start + 16].hex(" ") for start in range(0, len(payload), 16)]
    name = sample.__msgtype__.rsplit("/", 1)[-1]
    (HERE / f"{name}.hex").write_text("\n".join(rows) + "\n")
