"""Secrets are taken out of addresses, in time that grows with their length."""

import pytest

from flows.redact import redact_text, redact_url


@pytest.mark.parametrize(
    "written",
    ["me:hf_SECRET@a.org", "a:b:hf_SECRET@a.org", "see me:hf_SECRET@a.org", ":SECRET@a.org"],
)
def test_a_password_before_an_address_without_a_scheme_is_left_out(written: str) -> None:
    assert "SECRET" not in redact_text(written)
    assert redact_text(written).endswith("a.org")


@pytest.mark.parametrize(
    "name",
    [
        *("token", "accessToken", "X-Amz-Signature", "AWSAccessKeyId", "sig", "pin", "code"),
        *(
            "access_code",
            "userauth",
            "basicauth",
            "private_link",
            "x",
            "\uff54\uff4f\uff4b\uff45\uff4e",
            "t\u043eken",
        ),
        *("%74oken", "%2574oken", "to%0Aken", "to\nken", "to\u200bken", "TOKEN", "page[token]"),
    ],
)
def test_the_value_of_a_parameter_that_names_a_secret_is_left_out(name: str) -> None:
    for start in ("?page=1&", "?page=1;", ";", "?", "#", "/"):
        shown = redact_url(f"https://a.org/x{start}{name}=SECRET")
        assert "SECRET" not in shown
        assert shown.startswith("https://a.org/x")


@pytest.mark.parametrize(
    "name", ["token[0]", "token_1", "Authorization", "privatekey", "sessionId", "user[password]"]
)
def test_a_name_that_contains_a_secret_is_one(name: str) -> None:
    assert "SECRET" not in redact_url(f"https://a.org/x?a=1&{name}=SECRET")


@pytest.mark.parametrize(
    "written",
    [
        "https://a.org/x?a=1;token=SECRET",
        "https://a.org/x;jsessionid=SECRET?a=1",
        "https://a.org/x?u=https://me:SECRET@b.org/",
        "https://a.org/x?next=https%3A%2F%2Fb.org%3Ftoken%3DSECRET",
        "https://a.org https://me:SECRET@b.org/",
        "https://a.org/x?SECRET",
        "https://a.org/x?page=1&SECRET",
        "https://a.org/x?U0VDUkVUSECRET==",
        "https://a.org/x;SECRET",
        "https://a.org/x?to\nken=SECRET",
        "https://a.org/x?page=1&\r\npin=SECRET",
        "https://a.org/x?q=token%3DSECRET",
        "https://a.org/x?q=token%253DSECRET",
        "https://a.org/x?id=hf_SECRET01234567890",
        "https://a.org/hf_SECRET01234567890/x",
        "https://a.org/x?to ken=SECRET",
        "https://a.org/to ken=SECRET/x",
        "https://a.org/x;passwo\nrd=SECRET/x",
        "see https://a.org/x/api_\r\nkey%3DSECRET",
    ],
)
def test_a_secret_within_a_path_a_value_or_a_second_address_is_left_out(written: str) -> None:
    shown = redact_text(written)
    assert "SECRET" not in shown
    assert "https://a.org" in shown
    assert redact_text(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "token=SECRET",
        "it said: --api-key=SECRET",
        "t\u043eken=SECRET",
        "\uff54\uff4f\uff4b\uff45\uff4e=SECRET",
        "a:token=SECRET",
        "token%3DSECRET",
        '{"token": "SECRET"}',
        "Authorization: Bearer SECRET0123",
        "X-Api-Key: SECRET0123",
        "Cookie: a=SECRET; b=SECRET",
        "password: SECRETSECRETSECRET",
        "use hf_SECRET01234567890",
        "{'Authorization': 'Bearer SECRET'}",
        "TOKEN = SECRET0123",
        "Bearer SECRET0123",
        "with --api-token SECRET0123",
        "a.org/x?k=SECRET",
        "https:/a.org/x?k=SECRET",
        "to\u200bken=SECRET",
        "\u03b1=t\u043eken=SECRET",
        "token=abc/SECRET==",
        "token=abc,SECRET",
        "curl -H 'Cookie: a=SECRET; b=SECRET' x",
        "{'Set-Cookie': 'a=SECRET; b=\\'SECRET'}",
        '{"Cookie": "a=\\"SECRET\\"; b=SECRET"}',
        '\\"Cookie\\": \\"a=SECRET; b=SECRET\\"',
        "refused: Cookie: a=SECRET; b=SECRET",
        "log\n> Cookie: SECRET SECRET",
        "the server set cookie sid=SECRET; theme=SECRET and went away",
        "cookies: {'a': 'SECRET', 'b': 'SECRET'}",
        "<RequestsCookieJar[<Cookie abc=SECRET for .a.org/>]>",
        "sent Cookie: a = SECRET, b=SECRET to a.org",
        "cookie=a=SECRET; b=SECRET",
        "[(b'cookie', b'a=SECRET; b=SECRET')]",
        "Cookie: a=SECRET;\n b=SECRET",
        'Proxy-Authorization: Digest username="x", response="SECRET"',
        "curl -b 'a=SECRET' -u me:SECRET https://a.org",
        "ran with --cookie a=SECRET",
        "the password is SECRETSECRET1",
        "the password is SECRET",
        "my API key was now 'SECRET', I think",
        "API key SECRETSECRET1 is no longer valid",
        "session id: 'SECRETSECRET1' expired",
        "HF_TOKEN SECRETSECRET1",
        "remember_me=SECRET",
        "token: SECRET",
        "sent password:SECRET, and was refused",
        "password = SECRET",
        "passwd: SECRET",
        "HF_TOKEN: SECRET.",
        "client_secret : SECRET",
        "Authorization: SECRET",
        "Authorization: Basic SECRET",
        '{"password": "SECRET SECRET"}',
        "password='SECRET it\"s SECRET'",
        '{"body": "{\\"token\\": \\"SECRET SECRET\\"}"}',
    ],
)
def test_a_secret_that_a_text_names_is_left_out(text: str) -> None:
    shown = redact_text(text)
    assert "SECRET" not in shown
    assert "..." in shown
    # A message may be redacted where it is made and where it is shown.
    assert redact_text(shown) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org/x?resumptionToken=5",
        "https://a.org/x?q=keys",
        "https://zenodo.org/records/1/files/x.json?download=1",
        "https://export.arxiv.org/api/query?id_list=2301.00001&max_results=1",
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXiv&from=2026-01-01&set=cs",
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken=verb%3DListRecords%26skip%3D9",
        "https://huggingface.co/api/daily_papers?date=2026-11-23&limit=100&p=0",
        "https://api.openalex.org/works?filter=doi:10.48550/arxiv.1706.03762",
    ],
)
def test_what_is_no_secret_stays(url: str) -> None:
    assert redact_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "Set or unset it, such as api.example.org Authorization: Bearer TOKEN.",
        "Publishing needs a token: log in with `hf auth login`, or set HF_TOKEN.",
        "papers=73, exit code 1, key: arxiv_id; sk-learn-contrib-project",
        "code: https://github.com/a/b (see https://a.org/x?page=1).",
        "line one\nline=two",
        "https://a.org/x\nstatus=200",
        "https://a.org/token status=5",
        "The paper 'Magic Cookie: a title of two lines' was merged",
        "unexpected token: '}' at column 1",
        "The password is missing, or the API key is invalid.",
        "The token is all you need",
        "token index 1234567890123, session 2026-11-30T10:34:00 of part-00000.parquet",
        "cookie policy: https://a.org/x?page=1, access key arxiv:2312.00752",
        "a cookie\nstatus=200",
        "the token: is missing, the password: not given, Authorization: Bearer is needed",
        "tokens: 512, tokenizer: bert, secretary: Ada, author: Ada",
        "Create a token: https://huggingface.co/settings/tokens",
        "refused a token:\nrun it once more",
        "(\u03b1=0.05), gr\u00f6\u00dfe=12",
    ],
)
def test_sentences_stay(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token=5/part=3.parquet: damaged", "token=.../part=3.parquet: damaged"),
        ("(token=SECRET), then", "(token=...), then"),
        ("{token:SECRET0123}", "{token:...}"),
        ("(t\u043eken=SECRET)", "(t\u043eken=...)"),
        ("{'Cookie': 'a=SECRET', 'k': 1}", "{'Cookie': '...', 'k': 1}"),
    ],
)
def test_what_follows_a_secret_stays(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    "unit", ["a-", "a:", "@a", "token", "é", "é=", "a.", "./", "cookie . x -b a_TOKEN "]
)
def test_every_character_is_looked_at_once(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    # By the square it takes minutes.
    assert redact_text(text) == text


def test_a_million_brackets_after_an_address_are_looked_at_once() -> None:
    text = "https://a.org/x?page=1" + ")." * 500_000 + "z"
    assert redact_text(text) == text
