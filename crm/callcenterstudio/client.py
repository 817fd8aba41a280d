"""The client: one method for each function of the vendor's API, under the vendor's names.

The functions that read records are in ``records.py``. Copy the whole package into another program.
Every method raises the errors of ``errors.py``, and ValueError for invalid arguments.
"""

import time
from collections.abc import Callable, Mapping

import requests

from .api import Api, Watch, listed
from .errors import BadAnswer, Refused, SessionExpired
from .records import Records
from .results import ActiveCall, Login
from .transport import Transport
from .values import Fields


class Client(Records):
    """Talks to the API of one tenant; may be shared by threads.

    ``api_url`` is ``https://{tenant host}/api/``. ``app_token`` belongs to the tenant and is needed
    for login and CDRs; functions for an agent take that agent's telephony session.
    ``connect_timeout`` and ``read_timeout`` are seconds without any data, ``total_timeout`` is the
    limit for a whole method, repeats and pauses included. A session passed as ``http`` must keep no
    cookies and repeat nothing by itself. ``watch`` is told of every request.
    """

    def __init__(
        self,
        *,
        api_url: str,
        app_token: str | None = None,
        http: requests.Session | None = None,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        total_timeout: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
        watch: Watch | None = None,
    ) -> None:
        transport = Transport(
            api_url, http, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self.api_url = transport.api_url
        self.total_timeout = total_timeout
        self._api = Api(
            transport, app_token=app_token, total_timeout=total_timeout, sleep=sleep, watch=watch
        )

    def __repr__(self) -> str:
        return f"Client(api_url={self.api_url!r})"

    def ping(self, session: str | None = None, *, total_timeout: float | None = None) -> None:
        """Check address and key: the session's if one is given, else the app token.

        Seen in public clients. Repeated on faults, within `total_timeout` if one is given.
        """
        answer = self._api.read("ping", {}, session=session, total_timeout=total_timeout)
        if not answer.get("success"):
            raise BadAnswer("The API address answers, but not as the vendor's API does.")

    def login(self, email: str) -> Login:
        """Make a telephony session for an agent; never repeated, because each login makes one more.

        ``email`` is the agent's at Call Center Studio. Reuse the session for 8 hours (vendor's
        guide, section Login); ``expires_in`` was seen in one public client only. Raises
        LoginRefused with the vendor's words, WrongAppToken.
        """
        answer = self._api.once("login", {"email": email})
        fields = Fields(answer)
        session = fields.text("session")
        if not session:
            raise BadAnswer("Call Center Studio accepted the login, but gave no session.")
        return Login(session, fields.seconds("session_expires_in") or None)

    def click2call(
        self,
        session: str,
        phonenumber: str,
        *,
        transactionid: str | None = None,
        hangup_url: str | None = None,
        selected_queue: bool = False,
        masked: bool = False,
    ) -> None:
        """Make the agent's softphone dial a number. Sent once, whatever happens.

        A return means that the vendor took the request, not that a call will follow: it always
        answers success; the softphone's messages show whether it does. After TimedOut or
        Unreachable the call may still go out. ``transactionid`` comes back in the post to
        ``hangup_url`` and as ``uniqueid`` of the CDR; ``selected_queue`` lets the agent choose a
        queue, ``masked`` hides the number from the agent (vendor's guide and wiki, section
        click2call). Raises SessionExpired.
        """
        params = {"phonenumber": phonenumber}
        if not phonenumber.strip():
            raise ValueError("There is no number to dial.")
        if transactionid:
            params["transactionid"] = transactionid
        if hangup_url:
            params["hangup_url"] = hangup_url
        if selected_queue:
            params["selected_queue"] = "on"
        if masked:
            params["masked"] = "1"
        self._api.once("click2call", params, session=session)

    def click2hang(self, session: str) -> None:
        """End the agent's call. Seen in public clients; sent once."""
        self._api.once("click2hang", {}, session=session)

    def click2hold(self, session: str) -> None:
        """Put the agent's call on hold. Seen in public clients; sent once."""
        self._api.once("click2hold", {}, session=session)

    def click2unhold(self, session: str) -> None:
        """Take the agent's call off hold. Seen in public clients; sent once."""
        self._api.once("click2unhold", {}, session=session)

    def getmyactivecalls(self, session: str) -> tuple[ActiveCall, ...]:
        """Return the agent's calls that ring or are up. Seen in public clients."""
        answer = self._api.read("getmyactivecalls", {}, session=session, payload="MyActiveCalls")
        calls = listed(answer, "MyActiveCalls", or_nothing="success" in answer)
        return tuple(ActiveCall.parse(call) for call in calls if isinstance(call, dict))

    def getactivecall(self, session: str, activecallkey: str) -> Mapping[str, str]:
        """Return the ``customvariables`` of a call that is up. Seen in public clients."""
        params = {"activecallkey": activecallkey}
        answer = self._api.read("getactivecall", params, session=session, payload="customvariables")
        variables = answer.get("customvariables")
        fields = Fields(variables if isinstance(variables, dict) else {})
        return {name: fields.text(name, longest=4000) for name in fields.names}

    def getrecordingurl(self, session: str, callid: str) -> str | None:
        """Return the address of a call's recording, None while there is none.

        ``callid`` is the activecallkey; it takes some five seconds after the hangup. Seen in a
        public client. How the vendor says "not there" is not published: any refusal except that of
        the key counts as such. The address comes from outside: check its host before fetching.
        """
        params = {"callid": callid}
        try:
            answer = self._api.read(
                "getrecordingurl", params, session=session, payload="recordingurl"
            )
        except SessionExpired:
            raise
        except Refused:
            return None
        return Fields(answer).text("recordingurl", longest=2000) or None
