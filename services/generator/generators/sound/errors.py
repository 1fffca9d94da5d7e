"""What can go wrong where sound is made. Light: the page of errors imports it."""

from shared.errors import PermanentError


class ModelDamagedError(PermanentError):
    """The speech model on this machine is not the one that it should be."""

    code = "model_damaged"
    title = "Model damaged"


class SynthesisFailedError(PermanentError):
    """The program that speaks or plays could not do it."""

    code = "synthesis_failed"
    title = "Synthesis failed"
