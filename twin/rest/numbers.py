"""Changing a number's webhooks (Twilio docs: "IncomingPhoneNumber resource", section "Update")."""

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from twin.accounts import Hook, Number
from twin.address import NotAWebhookUrl, WebhookUrl
from twin.rest.errors import RestError

_KNOWN = {"SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod"}


def changed(number: Number, form: MultiDict[str, str]) -> Number:
    """The number with what the form says; an empty URL takes the webhook away, a method alone changes the method.

    Raises:
        RestError: A URL or a method is wrong, or a parameter is not known to the twin.
    """
    unknown = sorted(set(form) - _KNOWN)
    if unknown:
        raise RestError(20001, f"the twin does not know {', '.join(unknown)}")
    return replace(
        number,
        primary=_hook(number.primary, form, "SmsUrl", "SmsMethod"),
        fallback=_hook(number.fallback, form, "SmsFallbackUrl", "SmsFallbackMethod"),
    )


def _hook(hook: Hook | None, form: MultiDict[str, str], url_name: str, method_name: str) -> Hook | None:
    method = form.get(method_name, "POST" if hook is None else hook.method).upper()
    if method not in {"GET", "POST"}:
        raise RestError(21403, method)
    if url_name not in form:
        return None if hook is None else replace(hook, method=method)
    if not form[url_name]:
        return None
    try:
        return Hook(WebhookUrl.parse(form[url_name]), method)
    except NotAWebhookUrl:
        raise RestError(21402, url_name) from None
