"""A draft's numbers and names are held against the findings, and against the draft itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document

from kit.errors import DataError
from kit.factcheck import factcheck, read_draft, write_claims

ARTICLE = Path(__file__).resolve().parent.parent.parent / "shared" / "article-2018-03-01.txt"
OWNER = "Orange County Sheriff's Department"


def verdicts(text: str, folder: Path | None, tmp_path: Path) -> list[tuple[str, str]]:
    draft = tmp_path / "draft.md"
    draft.write_text(text, encoding="utf-8")
    return [(claim.text, claim.verdict) for claim in factcheck(draft, folder)]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (f"The {OWNER} shared its plate data with **149 agencies** in March 2025.", "matches"),
        (f"The {OWNER} shared its plate data with 295 agencies in 2020.", "matches"),
        (f"The {OWNER} shared its plate data with 295 agencies in 2025.", "differs"),
        (f"Some 138 agencies share their plates with the {OWNER}, by its list of March 2025.", "matches"),
        (f"By its list of 2020, 311 agencies got plates from the {OWNER}.", "differs"),
        ("The Irvine Police Department receives plates from 1,553 agencies.", "matches"),
        ("The Irvine Police Department receives plates from 1,533 agencies.", "differs"),
        ("The Costa Mesa Police Department shared plate data with more than 300 agencies.", "matches"),
        ("The Costa Mesa Police Department shared plate data with at least 360 agencies.", "differs"),
        ("Between the sheriff's lists of 2020 and 2025, 182 agencies were dropped.", "matches"),
        ("Between the sheriff's lists of 2020 and 2025, 197 agencies were dropped.", "differs"),
        ("In 2020 four units of the Department of Homeland Security were on its list.", "matches"),
        ("The raids targeted 864 residents.", "not computed"),
        ("Its 13 cameras saw cars.", "not computed"),
    ],
)
def test_a_number_is_held_against_the_finding_that_it_is_about(text, verdict, california, tmp_path):
    """The other year's, the other direction's and the wrong digit's number all differ."""
    assert verdict in {
        said for name, said in verdicts(text, california, tmp_path) if name[0].isdigit() or name == "four"
    }


def test_a_number_goes_with_the_sentence_before_it(california, tmp_path):
    """Of those: the owner and the date stand in the sentence before."""
    text = f"The {OWNER} shared its plate data with 149 agencies in March 2025. Of those, 139 to 146 are in California."
    assert ("139 to 146", "matches") in verdicts(text, california, tmp_path)


def test_the_kits_own_sentences_match(california, tmp_path):
    """What a page says at a glance agrees with the page, whatever points stand in its dates and names."""
    said = json.loads((california / "findings.json").read_text(encoding="utf-8"))
    sentences = [one["sentence"] for one in said["findings"] if one["id"] in said["headline"]]
    found = verdicts("\n\n".join(sentences), california, tmp_path)
    assert len(found) > 20
    assert {verdict for _, verdict in found} == {"matches"}


@pytest.mark.parametrize(
    "point", ["by its list of Feb. 6, 2020", "on Nov. 3", "with the U.S. Forest Service", "in St. Louis"]
)
def test_a_shortened_word_ends_no_sentence(point, tmp_path):
    """A date is not torn from its sentence, nor taken for a count."""
    draft = tmp_path / "draft.txt"
    draft.write_text(f"It shared {point} with 12 agencies. The next has 13 agencies.", encoding="utf-8")
    assert [(claim.text, claim.sentence[:9]) for claim in factcheck(draft)] == [
        ("12", "It shared"),
        ("13", "The next "),
    ]


@pytest.mark.parametrize("text", ["On March 11, 2025, at 10:30, it paid $5 million, or 12 percent, after 9/11."])
def test_dates_money_and_shares_are_no_counts(text, california, tmp_path):
    """They are not taken for numbers of agencies."""
    assert verdicts(text, california, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        (OWNER, "matches"),
        ("Norwalk Police Department", "matches"),
        ("Orange County Police Department", "differs"),
        ("Exampleville Police Department", "not computed"),
    ],
)
def test_an_agencys_name_is_looked_up_in_the_lists(name, verdict, california, tmp_path):
    """The custodian under a wrong name differs; a name in no list is not computed."""
    assert verdicts(f"So said the {name}.", california, tmp_path) == [(name, verdict)]


def test_the_articles_contradictions_are_found():
    """80 in the headline against 86 in the text; the sheriff's list that the caption gives to the police."""
    if not ARTICLE.exists():
        pytest.skip("the article is not here (it is kept beside the repository, not in it)")
    claims = {claim.text: claim for claim in factcheck(ARTICLE)}
    assert "the draft itself says 86" in claims["80"].why
    assert "the draft itself says 80" in claims["86"].why
    assert "Sacramento Police Department" in claims["Sacramento Sheriff’s Department"].why
    assert {claim.text for claim in claims.values() if claim.verdict == "differs"} == {
        "80",
        "86",
        "Sacramento Sheriff’s Department",
        "Sacramento Police Department",
    }


def save_docx(path: Path, *paragraphs: str) -> Path:
    document = Document()
    for text in paragraphs[:-1]:
        document.add_paragraph(text)
    document.add_table(1, 1).cell(0, 0).text = paragraphs[-1]
    document.save(str(path))
    return path


def test_a_draft_may_be_of_four_kinds(tmp_path):
    """Markdown, plain text, Word and a web page give the same words; scripts are no words."""
    (tmp_path / "a.md").write_text("# One **list**\n\nHad [149 agencies](https://example.org).", encoding="utf-8")
    (tmp_path / "a.txt").write_bytes("One list\n\nHad 149 agencies.".encode("utf-8-sig"))
    (tmp_path / "a.html").write_text("<script>99 agencies</script><h1>One list</h1><p>Had <b>149</b> agencies.</p>")
    save_docx(tmp_path / "a.docx", "One list", "Had 149 agencies.")
    for kind in ("md", "txt", "html", "docx"):
        assert read_draft(tmp_path / f"a.{kind}") == ["One list", "Had 149 agencies."], kind


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", b"no zip"), ("a.pdf", b"%PDF-"), ("a.txt", b""), ("a.html", b""), ("none.md", None)],
)
def test_a_draft_that_cannot_be_read_gets_three_lines(name, content, tmp_path):
    """What, where, what to do."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        factcheck(tmp_path / name)
    assert len(str(error.value).splitlines()) == 3


def test_the_verdicts_are_written_for_machines(california, tmp_path):
    """Text, sentence, verdict, finding; the finding is one of the place's."""
    draft = tmp_path / "draft.txt"
    draft.write_text(f"The {OWNER} shared its plate data with 149 agencies in March 2025.", encoding="utf-8")
    write_claims(factcheck(draft, california), tmp_path / "out.json")
    said = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {"text", "sentence", "verdict", "finding"} <= said[0].keys()
    known = {one["id"] for one in json.loads((california / "findings.json").read_text(encoding="utf-8"))["findings"]}
    assert {one["finding"] for one in said if one["verdict"] == "matches"} <= known
