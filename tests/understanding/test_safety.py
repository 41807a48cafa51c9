"""The safety check: what must be seen however it is spelled, and what must not be mistaken for it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.settings import ROOT
from bot.understanding.safety import SAFETY_ROUTES, Finding, Lexicon, Tier
from bot.understanding.text import clean

FOLDER = ROOT / "data" / "lexicon"
FILES = [path.name for path in sorted(FOLDER.glob("*.yml"))]

CERTAIN = {
    "suicide_crisis": [
        *("i want to kill myself", "i wanna k1ll myslef", "gonna off myself 2nite", "going to unalive myself", "kms"),
        *("im feeling suicidle", "been thinkin of suiside", "wana b dead", "wish i was never born", "I WANT TO D1E"),
        *("dont wanna live no more", "i don´t want to live", "i dnt want to be here anymore", "whats the point of living"),
        *("ive took all my tablets", "just necked a load of pills", "im stood on the edge of the bridge"),
        *("i have been cutting my arms", "i’m better off dead", "my mate says hes gonna top himself"),
        *("my bro is threatening to end his life", "she has been self-harming", "go to sleep and never wake up"),
        *("reading books on how suicide works", "writing an essay on my suicide", "books bore me, only suicide is left"),
        *(
            "i'm not safe from myself",
            "she isn't safe around herself",
            "he took his own life behind me, i want to kill myself today",
        ),
        *(
            "after her suicide i want to kill myself",
            "my son who hanged himself, i want to die",
            "i lost my son to suicide, kms",
        ),
        *("im 40 now and want to kill myself", "my mum is 80 now and i want to die", "she said no to help, i want to die"),
        *("nothing is left, i want to die", "i asked about ending my life"),
        *("k\u200bill my\u00adself", "ｋｉｌｌ ｍｙｓｅｌｆ", "kíll myself", "kill/myself", "KILL!!!MYSELF", "$uicidal"),
    ],
    "immediate_danger": [
        *("call an ambulance", "someone ring 999 please call the police", "hes hurting her rn", "he's got a knife"),
        *(
            "hes hitting me right now and i said no",
            "he is touching my daughter right now",
            "shes not breathing",
            "my nan is having a hart attack",
        ),
        *("he's in her room with the door locked", "someone is breaking in now", "she has swallowed bleach"),
        *("im locked in the bathroom hes coming", "my boy has gone missing", "we are in danger now"),
        *("ring 999 for me", "get the police to our house"),
        *("i am about to hurt him", "im on my own with my niece and scared i might do something"),
    ],
    "child_at_risk": [
        *("my sister is being abused", "my stepdad is touching my little sister", "the coach molested my son"),
        *("he is molesting my daughter, i asked him and he said no", "he is touching my daughter, she said no"),
        *("my daughter told me her uncle touched her", "i think the boy next door is being groomed"),
    ],
    "refuse_illegal": [
        *("where can i find cp", "any links to csam", "how can i meet underage girls"),
        *("how do i delete everything before the police come", "how to not get caught downloading images"),
    ],
}
WELSH = {
    "suicide_crisis": [
        *("dw i eisiau marw", "Dwi'n isio marw", "meddwl am hunanladdiad", "dw i eisiau lladd fy hun", "dim eisiau byw"),
        "dwi'n brifo fy hun",
    ],
    "immediate_danger": ["Rydw i mewn perygl nawr", "angen ambiwlans", "galwch yr heddlu", "mae o mewn perygl rŵan"],
}
#: Signs in Welsh that may mean something else, or its denial: the classifier is asked.
WELSH_OF_MORE = {
    "suicide_crisis": ["dw i isio rhoi diwedd ar bethau"],
    "immediate_danger": ["mae rhywun yn ymosod arna i", "dw i ddim mewn perygl nawr", "does neb mewn perygl rŵan"],
}
#: What is mostly a crisis, said of something else.
LIKELY = {
    "suicide_crisis": [
        *(
            "how many eggs do you need",
            "jumped off the top board",
            "the roofers are up on the ledge",
            "left a note on the side",
        ),
        *("this is my last message about the raffle", "had a whole packet of biscuits", "i want to dye my hair"),
        *("cut my leg on the gate", "don't want to wake up at five", "they'd be better off without me at full back"),
    ],
    "immediate_danger": [
        *("best way to get blood out", "he has a hammer and some nails", "please help, quickly"),
        *(
            "out with the kids today",
            "he is going to take the bins out",
            "it is going on tonight in the hall",
        ),
    ],
}
HARMLESS = [
    *("this form is killing me", "my feet are killing me", "dying to know what happens", "kill the app", "kill the page"),
    *("my phone died", "my battery is dead", "the line keeps dying", "i could murder a curry", "my mum is going to kill me"),
    *("just killing time", "scared to death of calling", "the deadline is tomorrow", "it was dead good", "hang on a minute"),
    *("i shot myself in the foot", "nearly died of embarrassment", "over my dead body", "bored to death", "a photo shoot"),
    *("i work in suicide prevention", "i had a panic attack", "dying for a cuppa", "to die for", "cutting my hours at work"),
    *("a film about suicide upset me", "an essay on teenage suicide", "the novel deals with her brother's suicide"),
    *(
        "male suicide figures",
        "self-harm awareness week",
        "first aid training with an hour on suicide",
        "nothing is happening today",
    ),
]
WORD_INSIDE = [
    *("my skills are rusty", "a skilful answer", "an overkill answer", "i studied law", "my studies", "a new diet"),
    *("is a therapist there", "my therapists said hello", "we went grape picking", "undying love", "autopsies"),
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lexicon to spoil."""
    return shutil.copytree(FOLDER, tmp_path / "lexicon")


def each(lines: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(route, text) for route, texts in lines.items() for text in texts]


@pytest.mark.parametrize(("route", "text"), each(CERTAIN) + each(WELSH_OF_MORE))
def test_a_plain_sign_is_certain_however_it_is_spelled(lexicon: Lexicon, route: str, text: str) -> None:
    assert replace(lexicon.check(clean(text)), likely=False) == Finding(route, Tier.CERTAIN)


@pytest.mark.parametrize(("route", "text"), each(LIKELY))
def test_what_may_mean_something_else_is_the_classifiers_to_weigh(lexicon: Lexicon, route: str, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding(route, Tier.CERTAIN, likely=True)
    for said in (f"{text}. i want to kill myself", f"i want to kill myself. {text}"):
        assert lexicon.check(clean(said)) == Finding("suicide_crisis", Tier.CERTAIN)


@pytest.mark.parametrize(("route", "text"), each(WELSH))
def test_a_plain_sign_in_welsh_is_certain_whatever_the_classifier_thinks(lexicon: Lexicon, route: str, text: str) -> None:
    for said in (text, f"{text}. {CERTAIN[route][0]}", f"{CERTAIN[route][0]}. {text}"):
        assert lexicon.check(clean(said)) == Finding(route, Tier.CERTAIN, welsh=True)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_figure_of_speech_is_no_crisis(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding()


@pytest.mark.parametrize("text", WORD_INSIDE)
def test_a_line_matches_whole_words_only(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding()


@pytest.mark.parametrize("idiom", HARMLESS)
def test_a_figure_of_speech_hides_no_crisis_beside_it(lexicon: Lexicon, idiom: str) -> None:
    for text in (f"{idiom} and i want to kill myself", f"i want to kill myself, {idiom}"):
        assert lexicon.check(clean(text)) == Finding("suicide_crisis", Tier.CERTAIN)


@pytest.mark.parametrize(
    "text",
    [
        *("i don't want to kill myself", "i would never kill myself", "im not going to hurt myself", "she isnt suicidal"),
        *("nobody here is suicidal", "i dont want to die", "stop assuming im suicidal", "only if i kill myself"),
        *("i took an overdose years ago", "i was suicidal when i was at school", "i tried to end my life last year"),
        *("i used to feel suicidal", "i was suicidal in my twenties, fine now", "there's no part of me that wants to be dead"),
        *("the doctor asked me about suicide", "i took an overdose at university", "he self harmed at twelve, he's thirty now"),
        *("my brother died by suicide", "since her husband's suicide", "asked him about harming himself, he said no"),
    ],
)
def test_a_denied_or_long_past_crisis_is_possible_and_never_silence(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding("suicide_crisis", Tier.POSSIBLE, lowered=True)


@pytest.mark.parametrize(
    "text", ["nobody is being attacked right now", "no one's in danger", "we aren't in danger", "nobody is unconscious"]
)
def test_denied_danger_is_possible(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding("immediate_danger", Tier.POSSIBLE, lowered=True)


@pytest.mark.parametrize(
    "text",
    [
        "i never said i would hurt anyone and today i found the courage to say that i want to kill myself",
        "i dont want to kill myself, that was what i told everybody at home, but now i am going to kill myself",
    ],
)
def test_a_denial_far_before_lowers_nothing(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding("suicide_crisis", Tier.CERTAIN)


@pytest.mark.parametrize(
    "text",
    [
        *("my husband beats me", "she slaps me around most weekends", "dad hits my brother"),
        *("i got slapped by my wife", "ive been kicked in the stomach by my partner", "she was hit by her stepdad"),
    ],
)
def test_violence_that_goes_on_has_the_numbers_beside_it(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding("immediate_danger", Tier.POSSIBLE, beside=True)


@pytest.mark.parametrize("text", ["I feel so hopeless about myself", "he's hopeless since they came", "feeling hopeless"])
def test_hopelessness_has_the_numbers_beside_it(lexicon: Lexicon, text: str) -> None:
    assert lexicon.check(clean(text)) == Finding("suicide_crisis", Tier.POSSIBLE, beside=True)


def test_a_denial_of_something_else_leaves_the_numbers_beside_violence(lexicon: Lexicon) -> None:
    assert lexicon.check("he hits me and i dont want to die").beside


@pytest.mark.parametrize(
    "text",
    [
        "my husband never hits me",
        "i dont mean that he hits me",
        "he used to hit me",
        "he hit me when i was eight",
        "i was beaten by my dad as a child",
        "i was beaten by my dad's old team",
        "got beaten by my brother at chess",
        "dad beats me at chess",
        "it beats me",
        "i am hopeless at fractions",
    ],
)
def test_violence_of_the_past_games_and_other_failings_are_left_to_the_classifier(lexicon: Lexicon, text: str) -> None:
    assert not lexicon.check(clean(text)).beside


def test_a_negation_is_a_whole_word(lexicon: Lexicon) -> None:
    assert lexicon.check("i cannot stop and will kill myself").tier is Tier.CERTAIN
    assert lexicon.check("a" * 95 + "not kill myself").tier is Tier.CERTAIN


@pytest.mark.parametrize("first", SAFETY_ROUTES)
@pytest.mark.parametrize("second", SAFETY_ROUTES)
def test_the_first_route_in_order_wins_wherever_it_stands(lexicon: Lexicon, first: str, second: str) -> None:
    expected = min(first, second, key=SAFETY_ROUTES.index)
    text = f"{CERTAIN[first][0]}. {CERTAIN[second][0]}"
    assert lexicon.check(clean(text)) == Finding(expected, Tier.CERTAIN)


@pytest.mark.parametrize("before", [0, 1, 999, 7_900])
def test_a_long_text_is_read_to_its_end(lexicon: Lexicon, before: int) -> None:
    assert lexicon.check(clean("x " * (before // 2) + "i want to kill myself")).tier is Tier.CERTAIN


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(StartError, match=name):
        Lexicon(folder)


@pytest.mark.parametrize("line", ["(unclosed", "<nobody> here", "*", "a{3,1}"])
@pytest.mark.parametrize(("name", "key"), [("idioms.yml", "idioms"), ("child_at_risk.yml", "certain")])
def test_a_bad_line_is_named_with_its_file(folder: Path, name: str, key: str, line: str) -> None:
    more = "" if key == "idioms" else "\npossible: []"
    (folder / name).write_text(f"{key}:\n- '{line}'{more}\n", encoding="utf-8")
    with pytest.raises(StartError) as caught:
        Lexicon(folder)
    assert str(folder / name) in str(caught.value)
    assert repr(line) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["certain: []\npossible: []", "certain: [a]", "certain: [a]\npossible: []\nmaybe: []"])
def test_a_file_of_another_shape_is_named(folder: Path, content: str) -> None:
    (folder / "suicide_crisis.yml").write_text(content, encoding="utf-8")
    with pytest.raises(StartError, match=r"suicide_crisis\.yml"):
        Lexicon(folder)


def test_idioms_of_another_shape_are_named(folder: Path) -> None:
    (folder / "idioms.yml").write_text("idioms: killing me\n", encoding="utf-8")
    with pytest.raises(StartError, match=r"idioms\.yml"):
        Lexicon(folder)


@pytest.mark.parametrize("name", FILES)
def test_the_checksum_changes_with_any_file(folder: Path, lexicon: Lexicon, name: str) -> None:
    assert Lexicon(folder).checksum == lexicon.checksum
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert Lexicon(folder).checksum != lexicon.checksum


def test_whoever_talks_about_self_harm_is_not_taken_for_a_talk_on_it(lexicon: Lexicon) -> None:
    assert lexicon.check("my daughter talks about self harm").tier is Tier.CERTAIN
