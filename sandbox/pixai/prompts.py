"""Prompts that are pleasant to read, and the parameters around them."""

from __future__ import annotations

from random import Random

from sandbox.pixai.records import Json

SUBJECTS = (
    "a lighthouse on a drifting iceberg",
    "a fox asleep in a library of moss",
    "three paper boats crossing a moonlit canal",
    "an observatory grown out of coral",
    "a heron made of folded maps",
    "a tea house on the back of a giant turtle",
    "a clockmaker's greenhouse",
    "two koi circling a sunken lantern",
    "a tram climbing through cherry trees",
    "an empty theatre filled with tall grass",
    "a whale-shaped cloud over rice terraces",
    "a violin resting among wild poppies",
    "a night market seen from a rooftop",
    "a bridge of roots across a quiet gorge",
    "a cat watching rain on a round window",
    "a desert caravan under a ringed planet",
    "an old astronaut suit covered in ivy",
    "a snow-covered shrine with a single red door",
    "a fleet of hot-air balloons at first light",
    "a glass orchard on a terraced hill",
    "a deer with antlers of candlelight",
    "a stone staircase spiralling into the sea",
    "a robot tending bonsai on a balcony",
    "a harbour town built of shells",
)
LIGHTS = (
    "golden hour",
    "thin winter light",
    "bioluminescent glow",
    "soft overcast morning",
    "lantern light",
    "aurora overhead",
    "the last minute before a storm",
    "dappled shade",
    "moonlight through mist",
    "long evening shadows",
)
MANNERS = (
    "gouache on rough paper",
    "woodblock print",
    "delicate ink and wash",
    "stained glass",
    "art nouveau poster",
    "cut-paper collage",
    "oil on copper",
    "isometric miniature",
    "pastel on black",
    "silk embroidery",
    "painterly anime background",
    "copperplate etching, hand coloured",
)
PALETTES = (
    "indigo and amber",
    "celadon and rust",
    "rose, ochre and slate",
    "teal and coral",
    "muted greens",
    "violet dusk",
    "cream and vermilion",
)
NEGATIVE = (
    "lowres, blurry, watermark, text",
    "bad composition, oversaturated, jpeg artifacts",
    "noise, frame, signature",
)
MODELS = ("1648918127446573124", "1709400693561386681", "1594827435671902216", "1632456718830244925")
SAMPLERS = ("Euler a", "DPM++ 2M Karras", "DPM++ SDE Karras", "DDIM")
SIZES = ((512, 512), (384, 512), (512, 384), (512, 320), (320, 512), (448, 512))


def prompt(rng: Random) -> str:
    """One sentence of a prompt."""
    subject, light = rng.choice(SUBJECTS), rng.choice(LIGHTS)
    return f"{subject}, {light}, {rng.choice(MANNERS)}, {rng.choice(PALETTES)}"


def parameters(rng: Random, batch: int) -> Json:
    """What createGenerationTask was given. batch: how many pictures; 1 is left out."""
    width, height = rng.choice(SIZES)
    found: Json = {
        "prompts": prompt(rng),
        "negativePrompts": rng.choice(NEGATIVE),
        "modelId": rng.choice(MODELS),
        "width": width,
        "height": height,
        "samplingSteps": rng.choice((20, 25, 28, 30)),
        "samplingMethod": rng.choice(SAMPLERS),
        "cfgScale": rng.choice((5, 6, 7, 7.5)),
        "clipSkip": rng.choice((1, 2)),
        "priority": rng.choice((500, 1000)),
    }
    if batch > 1:
        found["batchSize"] = batch
    if rng.random() < 0.2:
        found["lora"] = {"1665432178901234567": round(rng.uniform(0.4, 0.9), 2)}
    return found


def details(parameters: Json) -> Json:
    """`outputs.detailParameters`, as it follows from the parameters."""
    return {
        "steps": parameters.get("samplingSteps", 25),
        "sampler": parameters.get("samplingMethod", "Euler a"),
        "cfg_scale": parameters.get("cfgScale", 7),
        "clipSkip": parameters.get("clipSkip", 2),
        "negativePrompts": parameters.get("negativePrompts", ""),
    }
