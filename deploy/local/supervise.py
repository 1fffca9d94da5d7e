"""The supervisor process, `python -m deploy.local.supervise`: started by ``stack``, not by hand.

It is a process of its own in every case, in the background or beside a terminal: so that what ends
the one who asked for the stack (Ctrl-C, a closed terminal, `kill -9`) does not leave it headless.
"""

import os
import signal
import sys
from datetime import timedelta
from types import FrameType

from deploy.local.access import refuse_open_door
from deploy.local.errors import LocalStackError
from deploy.local.home import StackHome
from deploy.local.journal import Journal
from deploy.local.session import StackSession
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Supervisor

_OTHER_STOPS_WITHIN = timedelta(seconds=15)
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Stop(BaseException):
    """A signal asked the supervisor to end."""


def supervise(settings: LocalSettings) -> int:
    """Run a stack until a signal ends it; the exit code."""
    home = StackHome(settings.home)
    home.prepare()
    journal = Journal(home.logs / "supervisor.log")
    try:
        refuse_open_door(settings)
        with home.locked(patience=_OTHER_STOPS_WITHIN):
            _live(settings, home, journal)
    except LocalStackError as error:
        journal.fail(str(error))
        return 1
    return 0


def _live(settings: LocalSettings, home: StackHome, journal: Journal) -> None:
    for name in home.record.sweep():
        journal.say(f"{name}: a former stack had left it running; ended")
    home.record.write({"supervisor": os.getpid()})
    home.rotate_logs()
    supervisor = Supervisor(home.record, journal.say, own_pid=os.getpid())
    session = StackSession(settings, home, supervisor, journal.say)
    try:
        _on_signals(_raise_stop)
        session.start()
        journal.ready()
        session.tend()
    except _Stop:
        pass
    finally:
        _on_signals(signal.SIG_IGN)
        session.stop()
        home.record.remove()
        journal.say("stopped")


def _on_signals(handler: "signal._HANDLER") -> None:
    for number in _STOP_SIGNALS:
        signal.signal(number, handler)


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


if __name__ == "__main__":
    sys.exit(supervise(LocalSettings()))
