"""What was typed into a form, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request


@dataclass
class Form:
    """A form: its values, and an error for each field that cannot be accepted.

    Attributes:
        values: what each field holds, by its name.
        errors: what is wrong, by the field's name; an empty name is for the form as a whole.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls) -> "Form":
        """The form that came with this request, without blanks around the values; lines end with LF.

        Browsers send CR LF (HTML standard, "Constructing entry list"), which nobody typed and a text would carry.
        """
        return cls({name: value.replace("\r\n", "\n").strip() for name, value in request.form.items()})

    def __getitem__(self, name: str) -> str:
        """What the field holds; empty when it was not sent."""
        return self.values.get(name, "")

    def fail(self, error: Exception, name: str = "") -> None:
        """Keeps what is wrong with a field, or with the form as a whole."""
        self.errors[name] = str(error)
