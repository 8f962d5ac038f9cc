"""Sends and receives values as frames over a socket whose other end may be hostile.

A frame consists of the length of the head (4 bytes), the length of the body (8 bytes), and head and body as `codec`
encodes them. Both lengths are checked against the limits before anything is allocated.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

from autograder.errors import ChannelClosed, ChannelTimeout, FrameTooLarge
from autograder.sandbox.wire.codec import Adopt, FrameLimits, Register, decode, encode

_FRAME = struct.Struct(">IQ")
_PART_BYTES = 2**16
_TOGETHER_BYTES = 2**22


class Channel:
    """Sends and receives values over a connected stream socket.

    Args:
        sock: the socket.
        limits: size limits on each frame, in both directions.
        register, adopt: as for `encode` and `decode`: references for objects that stay on this side, and what stands
            for objects that stay on the other.
    """

    def __init__(
        self,
        sock: socket.socket,
        limits: FrameLimits | None = None,
        register: Register | None = None,
        adopt: Adopt | None = None,
    ) -> None:
        self._socket, self._limits, self._register, self._adopt = sock, limits or FrameLimits(), register, adopt
        self._arrived = bytearray()  # received bytes of the next frame

    def send(self, value: Any, timeout: float | None = None) -> None:
        """Send a value; `timeout` is in seconds.

        Raises:
            RefusedValue: the value cannot be sent; no byte of it was.
            ChannelClosed, ChannelTimeout: the other side ended or does not read.
        """
        head, body = encode(value, self._limits, self._register)
        self._socket.settimeout(timeout)
        try:
            # Small frames are sent in one piece, as the other side wakes up for each part; large ones are not copied.
            parts = [_FRAME.pack(len(head), sum(map(len, body))), head, *body]
            whole = len(parts) == 2 or sum(map(len, parts)) <= _TOGETHER_BYTES
            for part in [b"".join(parts)] if whole else [b"".join(parts[:2]), *parts[2:]]:
                self._socket.sendall(part)
        except TimeoutError as error:
            raise ChannelTimeout("the other side does not read what it is sent.") from error
        except OSError as error:
            raise ChannelClosed("the other side is gone.") from error

    def receive(self, timeout: float | None = None) -> Any:
        """Receive a value within `timeout` seconds.

        Raises:
            ChannelClosed, ChannelTimeout: the other side ended or did not answer in time.
            FrameTooLarge, MalformedFrame, RefusedValue: what came cannot be accepted.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        head_size, body_size = _FRAME.unpack(self._read(_FRAME.size, deadline))
        if head_size > self._limits.head_bytes or body_size > self._limits.body_bytes:
            raise FrameTooLarge(f"a value of {(head_size + body_size) / 2**20:.0f} MB is too large to be handed over.")
        head = self._read(head_size, deadline)
        return decode(head, self._read(body_size, deadline), self._limits, self._adopt)

    def _read(self, size: int, deadline: float | None) -> bytearray:
        # The buffer grows with what has arrived, so merely announcing many bytes costs nothing.
        while len(self._arrived) < size:
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise ChannelTimeout("no answer came in time.")
            self._socket.settimeout(remaining)
            try:
                part = self._socket.recv(max(min(size - len(self._arrived), 2**20), _PART_BYTES))
            except TimeoutError as error:
                raise ChannelTimeout("no answer came in time.") from error
            except OSError as error:
                raise ChannelClosed("the other side is gone.") from error
            if not part:
                raise ChannelClosed("the other side is gone.")
            self._arrived += part
        data, self._arrived = self._arrived, self._arrived[size:]
        del data[size:]
        return data
