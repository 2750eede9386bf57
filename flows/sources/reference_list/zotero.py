"""Zotero's own form: the fields of an item under the names that CSL has for them.

Its API, its own export and Better BibTeX write it. https://api.zotero.org/schema
"""

from collections.abc import Mapping

NAMES = {
    "itemType": "type",
    "title": "title",
    "DOI": "DOI",
    "url": "URL",
    "date": "issued",
    "publicationTitle": "container-title",
    "proceedingsTitle": "container-title",
    "bookTitle": "container-title",
    "conferenceName": "event-title",
    "repository": "archive",
    "archiveID": "archive_location",
    "extra": "note",
    "volume": "volume",
}
"""Names in CSL by those of Zotero; of several for one the first that says something counts."""

READ = (*NAMES, "creators")
IGNORED = (
    *("key", "itemKey", "itemID", "itemVersion", "libraryID", "citationKey", "uri", "select"),
    *("abstractNote", "accessDate", "archiveLocation", "assignee", "attachments", "bookAuthor"),
    *("callNumber", "citekey", "collections", "dateAdded", "dateModified", "deleted", "edition"),
    *("institution", "inPublications", "itemTypeID", "journalAbbreviation", "language", "library"),
    *("libraryCatalog", "meetingName", "notes", "numPages", "numberOfVolumes", "pages", "place"),
    *("presentationType", "programmingLanguage", "publicationDate", "relations", "reportNumber"),
    *("reportType", "rights", "runningTime", "seeAlso", "series", "seriesNumber", "seriesText"),
    *("seriesTitle", "tags", "thesisType", "university", "versionNumber", "websiteTitle"),
    *("websiteType", "blogTitle", "company", "country", "filingDate", "issuingAuthority"),
    *("patentNumber", "issueDate", "priorityNumbers", "applicationNumber", "meta", "links", "data"),
    *("parentItem", "linkMode", "contentType", "charset", "filename", "md5", "mtime", "path"),
    *("encyclopediaTitle", "dictionaryTitle", "forumTitle", "postType", "manuscriptType", "code"),
    *("studio", "distributor", "genre", "label", "medium", "artworkSize", "system", "identifier"),
    *("repositoryLocation", "format", "organization", "committee", "codeNumber", "session"),
)


def rename_fields(item: Mapping[str, object]) -> dict[str, object]:
    """Return an item under the names of CSL, with its authors; without what CSL does not name.

    >>> item = {"itemType": "preprint", "date": "2017-06", "publicationTitle": ""}
    >>> item |= {"creators": [{"creatorType": "editor", "name": "An Office"}]}
    >>> rename_fields(item)
    {'type': 'preprint', 'issued': '2017-06', 'author': []}
    """
    renamed: dict[str, object] = {}
    for name, known in NAMES.items():
        if item.get(name):
            renamed.setdefault(known, item[name])
    creators = item.get("creators")
    return renamed | {"author": list(map(_rename_creator, _list_authors(creators)))}


def _list_authors(creators: object) -> list[dict[str, object]]:
    people = creators if isinstance(creators, list) else []
    # A talk has presenters in the place of authors.
    return [
        person
        for person in people
        if isinstance(person, dict) and person.get("creatorType") in ("author", "presenter")
    ]


def _rename_creator(creator: Mapping[str, object]) -> dict[str, object]:
    names = {"firstName": "given", "lastName": "family", "name": "literal"}
    return {known: creator[name] for name, known in names.items() if creator.get(name)}
