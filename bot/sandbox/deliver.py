"""How deliveries reach the bot: signed HTTP, a Bolt app in process, or a socket; with Slack's three seconds, retries, and faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

from bot.sandbox.clock import Clock
from bot.sandbox.faults import OLD_TIMESTAMP_S, Faults
from bot.sandbox.payloads import Delivery

if TYPE_CHECKING:
    from slack_bolt import App

RETRY_AFTER_S = (0.0, 60.0, 300.0)
TIMED_OUT, DISPATCH_FAILED, UNREACHABLE = "operation_timeout", "dispatch_failed", "dispatch_unreachable"
_RETRY_REASON = {TIMED_OUT: "http_timeout", DISPATCH_FAILED: "http_error", UNREACHABLE: "connection_failed"}


@dataclass(frozen=True)
class Outcome:
    """How the bot answered. `error` is empty, or what the person is told: operation_timeout, dispatch_failed, or why nothing was sent."""

    status: int
    body: dict[str, Any] | str = ""
    error: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Retry:
    """Which attempt this is, and why there is another one."""

    number: int
    reason: str


DUPLICATE = Retry(1, "http_timeout")


class Transport(Protocol):
    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        """Deliver once and wait for the acknowledgement."""


class Signing:
    """The headers that prove who sends. Real time, not the sandbox's: the bot compares with its own clock."""

    def __init__(self, secret: str, faults: Faults) -> None:
        self._secret = secret
        self._faults = faults

    def headers(self, body: str) -> dict[str, str]:
        age_s = OLD_TIMESTAMP_S if self._faults.takes("old_timestamp") is not None else 0
        secret = "not-the-secret" if self._faults.takes("bad_signature") is not None else self._secret
        timestamp = str(int(time.time()) - age_s)
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}


def http_form(delivery: Delivery, retry: Retry | None) -> tuple[str, dict[str, str]]:
    """The body and the headers of a delivery over HTTP, unsigned."""
    headers = {"content-type": "application/x-www-form-urlencoded", "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
    if retry is not None:
        headers |= {"x-slack-retry-num": str(retry.number), "x-slack-retry-reason": retry.reason}
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), headers
    if delivery.kind == "interactive":
        return urlencode({"payload": json.dumps(delivery.payload)}), headers
    return json.dumps(delivery.payload), headers | {"content-type": "application/json"}


class HttpTransport:
    """Posts to the bot's request URL, on a connection of its own each time: a bot that was killed leaves dead ones behind."""

    def __init__(self, url: str, signing: Signing, ack_limit_s: float) -> None:
        self._url = urlsplit(url)
        self._signing = signing
        self._limit_s = ack_limit_s

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        body, headers = http_form(delivery, retry)
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.netloc, timeout=self._limit_s)
        try:
            connection.request("POST", self._url.path or "/", body.encode(), headers | self._signing.headers(body))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return judged(answer.status, answer.read().decode("utf-8", "replace"), found)
        except TimeoutError:
            return Outcome(0, "", TIMED_OUT)
        except (OSError, HTTPException):
            return Outcome(0, "", UNREACHABLE)
        finally:
            connection.close()


class InProcess:
    """Calls a Bolt app's `dispatch` with the request that HTTP would carry."""

    def __init__(self, app: App, signing: Signing, ack_limit_s: float) -> None:
        self._app = app
        self._signing = signing
        self._limit_s = ack_limit_s

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        from slack_bolt import BoltRequest  # imported here: a sandbox that speaks HTTP does without Bolt

        body, headers = http_form(delivery, retry)
        started = time.monotonic()
        answer = self._app.dispatch(BoltRequest(body=body, headers={**headers, **self._signing.headers(body)}))
        if time.monotonic() - started >= self._limit_s:
            return Outcome(0, "", TIMED_OUT)
        return judged(answer.status, answer.body or "", {name: values[0] for name, values in answer.headers.items() if values})


def judged(status: int, body: str, headers: Mapping[str, str]) -> Outcome:
    """An answer of the bot: anything but 2xx is a failure. A JSON body is read."""
    error = "" if 200 <= status < 300 else DISPATCH_FAILED
    try:
        read = json.loads(body)
    except ValueError:
        read = body
    return Outcome(status, read if isinstance(read, dict) else body, error, headers)


class Courier:
    """Hands deliveries to the transport. Interactions wait for the answer; events go out on threads and are tried again.

    With one thread they go out in order; with more, a slow answer to one does not hold up the others.
    """

    def __init__(self, clock: Clock, faults: Faults, transport: Transport, threads: int = 1) -> None:
        self.transport = transport
        self._clock = clock
        self._faults = faults
        self._held: list[Delivery] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, name="local-slack-events", daemon=True) for _ in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._clock.wake()
        for thread in self._threads:
            thread.join()

    def now(self, delivery: Delivery) -> Outcome:
        """Deliver an interaction and wait. A duplicate follows with the same payload; the person sees the first answer."""
        outcome = self.transport.send(delivery, None)
        if self._faults.takes("duplicate") is not None:
            self.transport.send(delivery, DUPLICATE)
        return outcome

    def later(self, delivery: Delivery) -> None:
        """Deliver an event soon, with the disturbances that are set."""
        late_s = self._faults.takes("late") or 0.0
        for ready in self._in_order(delivery):
            self._clock.call_at(self._clock.now() + late_s, partial(self._event, ready, None))
            if self._faults.takes("duplicate") is not None:
                self._clock.call_at(self._clock.now() + late_s, partial(self.transport.send, ready, DUPLICATE))

    def _in_order(self, delivery: Delivery) -> list[Delivery]:
        """What may go now: nothing while events are held back to be reordered, then all of them, the last first."""
        with self._lock:
            reordered = self._faults.takes("reordered") is not None
            self._held.append(delivery)
            if reordered and self._faults.waits_for("reordered"):
                return []
            ready, self._held = self._held[::-1], []
            return ready

    def _event(self, delivery: Delivery, retry: Retry | None) -> None:
        """One attempt; a failed one is repeated at once, after one minute and after five, unless the bot forbids it."""
        outcome = self.transport.send(delivery, retry)
        attempts = retry.number if retry else 0
        if not outcome.error or attempts >= len(RETRY_AFTER_S) or (outcome.headers or {}).get("x-slack-no-retry") == "1":
            return
        again = Retry(attempts + 1, _RETRY_REASON.get(outcome.error, "unknown_error"))
        self._clock.call_at(self._clock.now() + RETRY_AFTER_S[attempts], partial(self._event, delivery, again))

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._clock.run_due()
            self._clock.wait_until_due(self._stopped)


def shown_to_person(outcome: Outcome) -> Outcome:
    """The same without what only the courier needs."""
    return replace(outcome, headers=None)
