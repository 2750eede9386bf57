"""The host and the sentence decide what lies behind a link."""

import pytest

from tests.link_texts import links_of_abstracts

KINDS = [
    ("Data is available at https://github.com/a/b.", "dataset"),
    ("Our code and data are at https://github.com/a/b.", "code"),
    ("Weights: https://huggingface.co/a/b", "model"),
    ("See https://huggingface.co/datasets/a/b", "dataset"),
    ("Try https://huggingface.co/spaces/a/b", "demo"),
    ("Project page: https://a.github.io/b/", "project"),
    ("A video is at https://youtu.be/S-wsVDF2HSI", "video"),
    ("as in arXiv:2411.04996", "paper"),
    ("The software is available at http://lab.edu/x", "code"),
    ("The dataset is at https://doi.org/10.5281/zenodo.15616911", "dataset"),
    ("The dataset is available at https://doi.org/10.5683/SP3/WCXMAP", "dataset"),
    ("Our dataset is available on GitHub at https://github.com/a/b.", "dataset"),
    ("LoCoBench is released at: https://github.com/a/b.", "dataset"),
    (
        "Tests on six datasets demonstrate the effectiveness of our https://github.com/a/b",
        "code",
    ),
    ("It helps on the BEIR benchmark. https://github.com/a/b", "code"),
    ("The model checkpoints are available at https://github.com/a/b.", "model"),
    ("Our code is at https://github.com/a/b%0Ac/tree/main.", "other"),
    ("The project repository is available at https://github.com/a/b.", "code"),
    ("Project page: https://github.com/a/b.", "project"),
    ("It reasons better than other models. https://github.ibm.com/a/b", "code"),
    ("All code is at https://kaggle.com/code/a/b", "code"),
    ("Slides are available at http://lab.org/talks/a.ppt", "other"),
    ("It is available at https://github.com/a/nlp-corpus.", "dataset"),
    ("The code is available at https://github.com/a/nlp-corpus.", "code"),
    ("We use the tags of this corpus (see http://www.lab.org/posguide.pdf).", "other"),
    ("as in https://github.com/a/b/blob/master/docs/x.pdf", "paper"),
]


@pytest.fixture(scope="module")
def tables():
    return links_of_abstracts([text for text, _ in KINDS])


@pytest.mark.parametrize("number", range(len(KINDS)), ids=[text for text, _ in KINDS])
def test_the_sentence_and_the_host_tell_the_kind(tables, number):
    assert tables[number]["kind"].to_list() == [KINDS[number][1]]
