# %% right: step by step
import re
import unicodedata


def wrap_untrusted(text, nonce):
    text = unicodedata.normalize("NFKC", text)
    if re.fullmatch(r"[0-9a-f]{16,}", nonce) is None or nonce in text:
        raise ValueError("draw another nonce")
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return "\n".join([f'<data id="{nonce}">', text, f'</data id="{nonce}">'])


# %% right: html.escape without quotes, sets of characters
import html
import unicodedata


def wrap_untrusted(text, nonce):
    if len(nonce) < 16 or set(nonce) - set("0123456789abcdef"):
        raise ValueError("not a nonce")
    normal = unicodedata.normalize("NFKC", text)
    if normal.find(nonce) >= 0:
        raise ValueError("the nonce is in the text")
    return f'<data id="{nonce}">\n' + html.escape(normal, quote=False) + f'\n</data id="{nonce}">'


# %% right: a table for translate
import string
import unicodedata


def wrap_untrusted(text, nonce):
    digits = string.digits + "abcdef"
    if not (len(nonce) >= 16 and all(c in digits for c in nonce)):
        raise ValueError(nonce)
    escaped = unicodedata.normalize("NFKC", text).translate(
        {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
    )
    if nonce in escaped:
        raise ValueError(nonce)
    opening, closing = (f'<{name} id="{nonce}">' for name in ("data", "/data"))
    return opening + "\n" + escaped + "\n" + closing


# %% wrong (q23-wrap-untrusted-hidden-escape): escapes the closing tag, in lower case only
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    body = plain.replace("</data>", "&lt;/data&gt;")
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-escape): takes tags out instead of escaping them
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    plain = re.sub(r"</?[a-zA-Z][^>]*>", "", plain)
    body = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-escape): & comes last, so that what was escaped is escaped again
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    body = plain.replace("<", "&lt;").replace(">", "&gt;").replace("&", "&amp;")
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-escape): what looks escaped already is left as it is
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    body = html.escape(html.unescape(plain), quote=False)
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nfkc): no normalisation
import html
import re


def wrap_untrusted(text, nonce):
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in text:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(text, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nfkc): normalises what has been escaped
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    body = unicodedata.normalize("NFKC", html.escape(text, quote=False))
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in body:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nfkc): NFC, which keeps the compatibility forms
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in unicodedata.normalize("NFKC", text):
        raise ValueError("nonce")
    body = html.escape(unicodedata.normalize("NFC", text), quote=False)
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nonce): match and $, which let a line end through
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.match("^[0-9a-f]{16,}$", nonce) or nonce in plain:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nonce): whatever int can read
import html
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    int(nonce, 16)
    if len(nonce) < 16 or nonce in plain:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nonce): looks for the nonce before the text is normalised
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in text:
        raise ValueError("nonce")
    body = html.escape(unicodedata.normalize("NFKC", text), quote=False)
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nonce): never looks whether the nonce is in the text
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    if not re.fullmatch("[0-9a-f]{16,}", nonce):
        raise ValueError("nonce")
    body = html.escape(unicodedata.normalize("NFKC", text), quote=False)
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-nonce): sixteen characters exactly
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if len(nonce) > 32 or not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-rest): quotation marks are escaped too
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    body = html.escape(plain).replace("id=&quot;", 'id="')
    return f'<data id="{nonce}">\n{body}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-rest): strips the text
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-rest): a blacklist as well
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    for words in ("ignore all previous", "forget", "system:"):
        plain = re.sub(words, "[removed]", plain, flags=re.IGNORECASE)
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'


# %% wrong (q23-wrap-untrusted-hidden-rest): takes invisible characters out as well
import html
import re
import unicodedata


def wrap_untrusted(text, nonce):
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    if not re.fullmatch("[0-9a-f]{16,}", nonce) or nonce in plain:
        raise ValueError("nonce")
    return f'<data id="{nonce}">\n{html.escape(plain, quote=False)}\n</data id="{nonce}">'
