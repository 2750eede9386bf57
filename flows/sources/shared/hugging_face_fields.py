"""The fields of an item of the daily-papers API: those that are read, and those that are not."""

USED = frozenset(
    {
        "paper",
        "paper.id",
        "paper.title",
        "paper.summary",
        "paper.authors",
        "paper.authors.name",
        "paper.publishedAt",
        "paper.submittedOnDailyAt",
        "paper.upvotes",
        "paper.githubRepo",
        "paper.projectPage",
        "paper.mediaUrls",
        "paper.linkedModels",
        "paper.linkedDatasets",
        "paper.linkedSpaces",
        "title",
        "summary",
    }
)
"""Fields that are read. The item's own ``title`` and ``summary`` count only where the paper has
none: they are the copy of the day, and 18 of 9,581 papers were renamed since."""

IGNORED_MACHINE_MADE = frozenset(
    {"paper.ai_summary", "paper.ai_keywords", "paper.ai_summary_model"}
)
"""Written by a model: never mixed with what authors wrote."""

IGNORED_PERSONAL = frozenset(
    {
        "submittedBy",
        "submitterOrganization",
        "paper.submittedOnDailyBy",
        "paper.authors._id",
        "paper.authors.status",
        "paper.authors.statusLastChangedAt",
        "paper.authors.user",
        "upvoters",
        "paper.upvoters",
        "paper.authors.hidden",
    }
)
"""Accounts of the site: never stored, not even looked into. ``hidden`` says that an account does
not show the paper on its profile; the name stays an author of the paper, as on arXiv."""

IGNORED_OTHER = frozenset(
    {
        "publishedAt",
        "thumbnail",
        "mediaUrl",
        "mediaUrls",
        "numComments",
        "isAuthorParticipating",
        "organization",
        "upvoted",
        "comments",
        "paper._id",
        "paper.discussionId",
        "paper.numTotalModels",
        "paper.numTotalDatasets",
        "paper.numTotalSpaces",
        "paper.githubStars",
        "paper.githubRepoAddedBy",
        "paper.organization",
    }
)
"""Not about the paper's content, or said better elsewhere: the item's ``publishedAt`` is 4-5 hours
off and so often one day early, its ``mediaUrls`` repeat the paper's."""

IGNORED = IGNORED_MACHINE_MADE | IGNORED_PERSONAL | IGNORED_OTHER
"""Fields that are left out on purpose."""
