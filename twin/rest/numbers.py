"""Changing a number's webhooks (Twilio docs: "IncomingPhoneNumber resource", section "Update")."""

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from twin.accounts import Hook, Number
from twin.rest.errors import RestError
from twin.webhook_url import NotAWebhookUrl, WebhookUrl

_PARAMETERS = {"SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod", "SmsApplicationSid"}


def changed(number: Number, form: MultiDict[str, str]) -> Number:
    """The number with the form's changes. An empty value removes what it stands for; a method alone changes the method.

    Raises:
        RestError: A URL or a method is wrong, or the twin does not know a parameter.
    """
    refuse_unknown(form, _PARAMETERS)
    return replace(
        number,
        primary=changed_hook(number.primary, form, "SmsUrl", "SmsMethod"),
        fallback=changed_hook(number.fallback, form, "SmsFallbackUrl", "SmsFallbackMethod"),
        application_sid=form.get("SmsApplicationSid", number.application_sid),
    )


def refuse_unknown(form: MultiDict[str, str], known_parameters: set[str]) -> None:
    """Refuse parameters that the twin does not know, because a sender may have misspelled one.

    Raises:
        RestError: The form has such a parameter.
    """
    unknown = sorted(set(form) - known_parameters)
    if unknown:
        raise RestError(20001, f"the twin does not know {', '.join(unknown)}")


def changed_hook(hook: Hook | None, form: MultiDict[str, str], url_name: str, method_name: str) -> Hook | None:
    """A webhook with the form's changes to its URL and its method.

    Raises:
        RestError: The URL or the method is wrong.
    """
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
