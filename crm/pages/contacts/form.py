"""The form of a contact: its fields, their limits, and the messages beside them."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional

from crm import contacts
from crm.contacts import ContactData, Number, NumberProblem, NumbersRefused
from crm.models import Contact
from crm.web.untouched_fields import marks, untouched

LONGEST_LABEL = 50
LABELS = {
    "mobile": lazy_gettext("Mobile"),
    "work": lazy_gettext("Work"),
    "home": lazy_gettext("Home"),
    "other": lazy_gettext("Other"),
}

_PROBLEMS = {
    NumberProblem.NO_DIGITS: lazy_gettext("This number has no digits."),
    NumberProblem.SEVERAL: lazy_gettext(
        "This is more than one number. Give each a line of its own; an extension goes behind its "
        "number, as in 0216 555 01 02 ext. 12."
    ),
    NumberProblem.UNCLEAR: lazy_gettext(
        "This cannot be read as a phone number, so it could not be dialled or recognised."
    ),
    NumberProblem.TOO_LONG: lazy_gettext("This is too long for a number."),
    NumberProblem.TWICE: lazy_gettext("This number is here twice."),
}


def clean(text: str | None) -> str:
    """The text without spaces at its ends, and without NUL, which PostgreSQL cannot store."""
    return (text or "").replace("\x00", "").strip()


class NumberForm(Form):
    """One number; an empty one is left out."""

    raw = TelField(_("Number"), filters=[clean])
    label = SelectField(
        _("Kind of number"),
        choices=[SelectChoice("", "–"), *(SelectChoice(*pair) for pair in LABELS.items())],  # noqa: RUF001
        validate_choice=False,  # a label from an import is kept, even an unknown one
    )

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Offer the label that the number has among the others."""
        super().process(*args, **kwargs)
        if self.label.data not in ("", None, *LABELS):
            self.label.choices = [*self.label.choices, SelectChoice(self.label.data)]


class ContactForm(FlaskForm):
    """The fields that people fill in.

    version: of the contact that was shown. shown: marks of its fields. call: of a new one. restore:
    "1" if the agent has been told that the contact was deleted meanwhile; then saving restores it.
    """

    name = StringField(
        _("Name"),
        filters=[clean],
        validators=[DataRequired(_("Enter a name.")), Length(max=200, message=_("Too long."))],
    )
    company = StringField(
        _("Company"), filters=[clean], validators=[Length(max=200, message=_("Too long."))]
    )
    email = EmailField(
        _("E-mail"),
        filters=[clean],
        validators=[
            Optional(),
            Length(max=254, message=_("Too long.")),
            Email(_("This is no e-mail address. One looks like elif@kuzey.example.")),
        ],
    )
    notes = TextAreaField(
        _("Notes"), filters=[clean], validators=[Length(max=10_000, message=_("Too long."))]
    )
    numbers = FieldList(FormField(NumberForm), min_entries=1)
    version = HiddenField()
    shown = HiddenField()
    call = HiddenField()
    restore = HiddenField()


def values_of(contact: Contact) -> dict[str, Any]:
    """The form's fields, as the contact is now."""
    return {
        "name": contact.name,
        "company": contact.company,
        "email": contact.email,
        "notes": contact.notes,
        "numbers": [{"raw": one.raw, "label": one.label} for one in contact.phone_numbers],
    }


def form_for(contact: Contact) -> ContactForm:
    """The form with the contact's present values; values sent with the request come first."""
    now = values_of(contact)
    return ContactForm(**now, version=str(contact.version), shown=marks(now))


def take_over(form: ContactForm, contact: Contact) -> None:
    """Set untouched fields and the version to the contact's present values."""
    now = values_of(contact)
    for name in untouched({name: form[name].data for name in now}, form.shown.data or ""):
        if name == "numbers":
            _fill_lines(form, now[name])
        else:
            form[name].data = now[name]
    form.version.data, form.shown.data = str(contact.version), marks(now)


def data_of(form: ContactForm) -> ContactData:
    """What was typed."""
    return ContactData(
        name=form.name.data,
        company=form.company.data,
        email=form.email.data,
        notes=form.notes.data,
        numbers=tuple(
            Number(line.raw.data, (line.label.data or "")[:LONGEST_LABEL])
            for line in _filled_lines(form)
        ),
    )


def show_refused(form: ContactForm, refused: NumbersRefused) -> None:
    """Put a word at each number that was refused."""
    lines = _filled_lines(form)
    for place, problem in refused.problems.items():
        lines[place].raw.errors = [str(_PROBLEMS[problem])]


def show_wrong_numbers(form: ContactForm, contact: Contact | None = None) -> None:
    """Put a word at each number that would be refused, if another field is already wrong."""
    known = contact.phone_numbers if contact else ()
    try:
        contacts.check_numbers(data_of(form).numbers, current_user.region, known)
    except NumbersRefused as refused:
        show_refused(form, refused)


def one_line_more(form: ContactForm) -> None:
    """Add an empty number, without JavaScript."""
    form.numbers.append_entry()


def one_line_less(form: ContactForm, name: str) -> None:
    """Remove the number on the line with this name ("numbers-1")."""
    form.numbers.entries = [line for line in form.numbers.entries if line.name != name]


def empty_line(index: int) -> FormField:
    """A line for a further number, whose fields are named by this index."""
    form = ContactForm(formdata=None)
    form.numbers.last_index = index - 1
    return form.numbers.append_entry()


def differences(form: ContactForm, contact: Contact) -> list[tuple[str, str]]:
    """The stored values that differ from the typed ones: (field's label, stored value)."""
    fields = (form.name, form.company, form.email, form.notes)
    found = [
        (str(field.label.text), getattr(contact, field.name) or gettext("(empty)"))
        for field in fields
        if field.data != getattr(contact, field.name)
    ]
    typed = [number.raw for number in data_of(form).numbers]
    stored = [number.raw for number in contact.phone_numbers]
    if typed != stored:
        found.append((gettext("Numbers"), ", ".join(stored) or gettext("(empty)")))
    return found


def label_text(label: str) -> str:
    """A number's label in words; an unknown one unchanged."""
    return str(LABELS.get(label, label))


def _fill_lines(form: ContactForm, numbers: list[dict[str, str]]) -> None:
    form.numbers.entries, form.numbers.last_index = [], -1
    for number in numbers or [{"raw": "", "label": ""}]:
        form.numbers.append_entry(number)


def _filled_lines(form: ContactForm) -> list[Any]:
    return [line.form for line in form.numbers.entries if line.raw.data]
