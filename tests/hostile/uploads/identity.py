"""Hand-ins that want to be somebody else's, or to make somebody else's theirs."""

from uploads.packing import archive, metadata, named, person, without_ids
from uploads.registry import upload

NOTEBOOK = "01_toy.ipynb"


def _moodle(stage, name, number=90001):
    """Import a hand-in of somebody of this name, whose number nobody knows."""
    without_ids(stage)
    entry = f"{name}_{number}_assignsubmission_file_/{NOTEBOOK}"
    found = stage.import_(archive(stage, "moodle", (entry, stage.cheat("pass"))))
    assert found["ada"]["status"] == found["zoe"]["status"] == "imported"


@upload
def long_s(stage):
    """A name that is another's once the long s is folded."""
    _moodle(stage, "Ruſſ Weiss")


@upload
def sharp_s(stage):
    """A name that is another's once the sharp s is folded to two."""
    _moodle(stage, "Russ Weiß")


@upload
def full_width(stage):
    """A name in full-width letters, which compatibility forms fold to another's."""
    _moodle(stage, "Ｒｕｓｓ Ｗｅｉｓｓ")


@upload
def cyrillic(stage):
    """A name that only looks like another's."""
    _moodle(stage, "Russ Wеiss")


@upload
def invisible(stage):
    """A name with invisible letters in it."""
    _moodle(stage, "Russ\u200b We\u00adiss\u2060")


@upload
def mathematical_letters(stage):
    """A name in mathematical bold letters."""
    _moodle(stage, "𝐑𝐮𝐬𝐬 𝐖𝐞𝐢𝐬𝐬")


@upload
def ligature(stage):
    """A name with a ligature that folds into the letters of another's."""
    _moodle(stage, "Ru\ufb06 Weiss")


@upload
def twins(stage):
    """The name of two students of the class: nothing tells which."""
    _moodle(stage, "Kim Lee")


@upload
def several_of_one_name(stage):
    """Two people of the platform have the name of one student of the class."""
    without_ids(stage)
    several = [
        (f"Russ Weiss_{number}_assignsubmission_file_/{NOTEBOOK}", stage.cheat(f"{number}")) for number in (1, 2)
    ]
    stage.import_(archive(stage, "moodle", *several))


@upload
def separators_of_canvas(stage):
    """A display name that holds the separators of Canvas and another's number, with a high attempt."""
    entry = f"lory_11_99999_mal_66_901_{NOTEBOOK}"
    found = stage.import_(archive(stage, "canvas", (entry, stage.cheat("pass"))))
    assert found["ada"]["status"] == "imported"


@upload
def separators_of_moodle(stage):
    """A full name that holds Moodle's separators and another's number, which Moodle writes as spaces: it is nobody's."""
    entry = f"Mal_111_assignsubmission_file_ Lory_666_assignsubmission_file_/{NOTEBOOK}"
    stage.import_(archive(stage, "moodle", (entry, stage.cheat("pass"))), refused=True)
    entry = f"Mal 111 assignsubmission file Lory_666_assignsubmission_file_/{NOTEBOOK}"
    found = stage.import_(archive(stage, "moodle", (entry, stage.cheat("pass"))))
    assert found["ada"]["status"] in ("imported", "unchanged")


@upload
def folder_like_moodles(stage):
    """A folder of one's own, in an archive of Moodle, that is named like another's hand-in."""
    inner = named("moodle", "ada")
    stage.import_(archive(stage, "moodle", (named("moodle", "mallory", inner), stage.cheat("pass"))))


@upload
def file_like_canvas(stage):
    """A file that is named like another's hand-in of Canvas."""
    inner = named("canvas", "ada", attempt=99999)
    stage.import_(archive(stage, "canvas", (named("canvas", "mallory", inner), stage.cheat("pass"))))


@upload
def name_against_number(stage):
    """Another's name with a number of Canvas that is not theirs."""
    entry = f"müllerjanpeter_5000_901_{NOTEBOOK}"
    stage.import_(archive(stage, "canvas", (entry, stage.cheat("pass"))))


@upload
def empty_name(stage):
    """A hand-in of Canvas without a name, but with a number."""
    stage.import_(archive(stage, "canvas", (f"_66_901_{NOTEBOOK}", stage.cheat("pass"))))


@upload
def anonymous(stage):
    """Anonymous hand-ins of Canvas that wear another's id or name."""
    names = ("anon_ada_901", "anon_jan_902", "anon_x7Q2p_903", "LATE_anon_russ_904")
    stage.import_(archive(stage, "canvas", *((f"{name}_{NOTEBOOK}", stage.cheat("pass")) for name in names)))


@upload
def late_in_the_name(stage):
    """A name that ends in LATE, twice."""
    found = stage.import_(archive(stage, "canvas", (f"lorymal_LATE_LATE_66_901_{NOTEBOOK}", stage.cheat("pass"))))
    assert found["ada"]["status"] == "imported"


@upload
def another_spelling_of_an_id(stage):
    """Folders of a plain archive that are another's id but for case, a space or a dot."""
    names = ("RUSS", "russ ", "russ.", " russ", "ruſs", "ｒｕｓｓ", "russ\u200b")
    stage.import_(archive(stage, "plain", *((f"{name}/{NOTEBOOK}", stage.cheat("pass")) for name in names)))


@upload
def two_folders_of_one_id(stage):
    """Two different notebooks of one student, neither of which is the later one."""
    found = stage.import_(archive(stage, "plain", *((f"mallory/{n}/{NOTEBOOK}", stage.cheat(f"{n}")) for n in "ab")))
    assert found["mallory"]["status"] == "refused"


@upload
def addresses_that_fold(stage):
    """An address that a mail server delivers to another student: with a plus, dots, or a long s."""
    for number, address in enumerate(("russ+x@example.org", "r.uss@example.org", "ruſs@example.org")):
        yml = metadata(mallory=person("mallory", sid=f"x{number}", name="Somebody", email=address))
        entry = (named("gradescope", "mallory"), stage.cheat("pass"))
        stage.import_(archive(stage, "gradescope", entry, yml=yml))


@upload
def contradicting_ids(stage):
    """An id that is one student's with an address that is another's."""
    yml = metadata(mallory=person("mallory", sid="jan", email="wei@example.org", name="Mal Lory"))
    stage.import_(archive(stage, "gradescope", (named("gradescope", "mallory"), stage.cheat("pass")), yml=yml))


@upload
def name_that_is_an_id(stage):
    """Somebody who calls themselves by another's id or address."""
    people = [person("x", sid="x1", email="x@example.org", name=name) for name in ("jan", "russ@example.org")]
    for text in people:
        entry = (named("gradescope", "mallory"), stage.cheat("pass"))
        stage.import_(archive(stage, "gradescope", entry, yml=metadata(mallory=text)))


@upload
def id_of_a_stranger(stage):
    """Folders that are nobody's on the roster, and no names of students at all."""
    names = ("eve", "submitted", "ada.old", "-rf", "@", "con", "x" * 65)
    stage.import_(archive(stage, "plain", *((f"{name}/{NOTEBOOK}", stage.cheat("pass")) for name in names)))
