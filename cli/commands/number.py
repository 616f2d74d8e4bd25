"""`sms number`: which agent a phone number belongs to, and what people type for a phone number."""

import re
from typing import Annotated

import phonenumbers
import typer

from cli.context import Invocation
from operations.tenants import agent_edits
from shared.errors import InvalidValue

LENGTH_MAX = 30
_TYPED = re.compile(r"\+?[\d\s().\-\u2010-\u2015\u00ad/]*")
_UNPARSABLE = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.NumberParseException.TOO_LONG: "it has too many digits",
}
_WHY = {
    phonenumbers.ValidationResult.TOO_SHORT: "it has too few digits",
    phonenumbers.ValidationResult.TOO_LONG: "it has too many digits",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no country has this code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
    phonenumbers.ValidationResult.INVALID_LENGTH: "its country has no numbers of this length",
}

app = typer.Typer(help="Numbers: each belongs to one agent.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As people type it, up to 30 characters.")]
Country = Annotated[str, typer.Option(metavar="CC", help="The country of a number that does not begin with +.")]


@app.command()
def assign(
    ctx: typer.Context,
    number: Number,
    agent: Annotated[str, typer.Option(help="The agent's name.")],
    country: Country = "US",
) -> None:
    """Give an agent a number."""
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    run.change(agent_edits.assign_number(e164, agent))
    run.output.record({"number": e164, "agent": agent})


@app.command()
def release(ctx: typer.Context, number: Number, country: Country = "US") -> None:
    """Take a number from its agent."""
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    run.change(agent_edits.release_number(e164))
    run.output.record({"released": e164})


@app.command("list")
def list_numbers(ctx: typer.Context) -> None:
    """List the tenant's numbers."""
    run: Invocation = ctx.obj
    numbers = [
        {"number": number, "agent": agent.name, "region": agent.stage}
        for agent in run.read().agents
        for number in agent.numbers
    ]
    run.output.records(numbers, none="No agent has a number yet; give it one with: sms number assign")


def normalise(typed: str, country: str = "US") -> str:
    """A phone number as people type it, in E.164 form.

    Args:
        typed: up to 30 characters: digits, spaces and + ( ) - . /
        country: the two letters of the country whose number it is; of no account when it begins with +.

    Raises InvalidValue, which says what is wrong but does not repeat the number.
    """
    if len(typed) > LENGTH_MAX:
        message = f"the phone number is longer than {LENGTH_MAX} characters"
        raise InvalidValue(message)
    if not _TYPED.fullmatch(typed.strip()):
        message = "the phone number holds more than digits, spaces and + ( ) - . /"
        raise InvalidValue(message)
    if country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        message = "the country must be two letters, such as US or GB"
        raise InvalidValue(message)
    try:
        number = phonenumbers.parse(typed, country.upper())
    except phonenumbers.NumberParseException as error:
        message = f"this is no phone number: {_UNPARSABLE.get(error.error_type, 'it has too few digits')}"
        raise InvalidValue(message) from None  # the cause might quote the number
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        message = f"this is no phone number: {_WHY.get(reason, 'its area or range is not in use')}"
        raise InvalidValue(message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
