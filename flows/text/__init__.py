r"""Text made readable: titles, abstracts and names as their authors meant them to look.

Sources write LaTeX, HTML entities and wrapped lines. What is certain is resolved (``\%``, ``--``,
``\emph{x}``, ``$\times$``); what is not is left as written: an unknown macro, maths that plain
text would mangle, ``1.83times`` where a source dropped the backslash. No word is lost, URLs stay
as they are, and what is readable already does not change.

Most texts hold nothing of it and are cleaned by polars alone. The others go through Python
once per distinct text, because pylatexenc and nested markup have no expression; a batch of them is
a plain list comprehension, not a call per row of the frame.
"""

from flows.text.readable import make_readable
from flows.text.readable_name import make_readable_name
from flows.text.title_notes import drop_title_notes

__all__ = ["drop_title_notes", "make_readable", "make_readable_name"]
