# ruff: noqa: RUF001 - half of these words are Russian on purpose
"""The words that the pictures understand, English and Russian, and how a prompt is searched for them.

An English word also matches in its plural; a Russian one is a stem and matches with any common ending.
"""

from __future__ import annotations

import re

SUBJECTS = """
cat: cat kitten kitty feline tomcat кот кошк кошек кошеч котик котён котен котёнок котенок кошач
bird: bird sparrow robin owl parrot finch wren raven crow eagle птиц птичк воробе сов попуга ворон сниг синиц орёл орл
fish: fish koi carp goldfish pond aquarium whale shark dolphin рыб рыбк карп пруд аквариум кит акул дельфин
flowers: flower rose tulip poppy poppies daisy daisies meadow bouquet bloom blossom sunflower
flowers: цвет цветок цветк цветоч роз тюльпан мак ромашк луг букет подсолнух
leaves: leaf leaves plant fern botanical jungle garden monstera tropical palm
leaves: лист листв растен папоротник джунгл сад пальм ботаническ
lake: lake reflection loch fjord river озер озёр отражен рек речк фьорд
sea: sea ocean wave beach coast ship boat sail sailboat island harbour harbor lighthouse surf
sea: мор морск океан волн пляж берег корабл лодк парус остров маяк
aurora: aurora borealis northern сияни северн
city: city cities town skyline street building skyscraper cyberpunk neon metropolis urban tokyo york paris london
city: город городск улиц здан небоскрёб небоскреб москв киберпанк неон
village: village house cottage home cabin hut castle christmas деревн дом домик изб хижин замок замк дач
starry: space star planet galaxy galaxies moon cosmos universe astronaut rocket nebula
starry: космос космическ звезд звёзд звёздн звездн планет галактик лун космонавт ракет
forest: forest wood tree pine fox bear deer wolf spruce taiga
forest: лес лесн дерев дерево ёлк елк сосн лис медвед олен волк тайг
desert: desert dune sahara cactus camel canyon pyramid egypt пустын дюн сахар кактус верблюд каньон пирамид
mountains: mountain hill peak alps valley himalaya volcano
mountains: гор горн холм вершин альп долин вулкан
tiles: geometric geometry bauhaus pattern tile mosaic square circle robot
tiles: геометри геометрическ узор плитк мозаик квадрат круг робот
papercut: paper papercut map contour topographic layer бумаг карт контур сло
terrazzo: terrazzo stone marble confetti камен камн мрамор конфетти
arches: retro poster rainbow arch vintage ретро плакат радуг арк винтаж
ribbons: abstract gradient flow music dream silk абстракц абстрактн градиент музык сон мечт
blobs: matisse modern organic minimal minimalist матисс модерн минимализм
"""

# Asked only when no subject is named: a city at night is a city.
SETTINGS = """
starry: night midnight ноч ночн
mountains: landscape sunset sunrise dawn sky snow winter пейзаж закат рассвет неб снег зим
"""

MOODS = """
indigo dusk lagoon: night midnight moon star galaxy space ноч ночн полноч лун звезд звёзд космос
dawn dusk rose plum: sunset sunrise dawn dusk evening morning закат рассвет вечер вечерн утр утренн
slate fjord indigo: winter snow ice frost fog mist rain зим зимн снег снежн лёд лед туман дожд
clay ochre dawn: autumn fall desert dune sand pyramid egypt sahara осен осень осенн пустын песок
lagoon fjord dawn dusk mint: sea ocean wave beach boat ship lake river мор океан волн пляж лодк корабл озер озёр рек
moss mint: spring summer garden tropical jungle forest весн лет летн сад джунгл лес
"""

COLOURS = """
c8372d: red scarlet crimson ruby красн ал багров рубинов
8c2f39: burgundy maroon wine бордов
e6772e: orange tangerine оранжев рыж
e8b923: yellow lemon желт жёлт лимонн
d4a72c: gold golden amber золот золотист янтарн
3f8f4f: green emerald зелен зелён изумрудн
7d8a3c: olive khaki оливков
7fc8a9: mint мятн
2a9d8f: teal turquoise cyan aqua бирюзов
2f5fb3: blue cobalt azure син лазурн
7db4dc: skyblue голуб
1f3a6e: navy indigo индиго
7d4bb0: purple violet фиолетов пурпурн
b59ad6: lilac lavender mauve лилов сиренев лавандов
e58fa8: pink fuchsia magenta розов
8a5a3a: brown chocolate коричнев шоколадн
d9c3a0: beige cream бежев кремов песочн
8a9097: grey gray silver сер серебрян серебрист
f2f0ea: white ivory бел
26262b: black черн чёрн
"""

_ENDINGS = (
    "ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ыми|ими|ых|их|ую|юю|ом|ем|ей"
    "|ья|ьи|о|е|а|я|у|ю|ы|и|й|ам|ям|ами|ями|ах|ях|ов|ев|ью|ь|"
)


def vocabulary(lines: str) -> list[tuple[str, re.Pattern[str]]]:
    """The lines of one of the texts above as (what stands before the colon, a pattern for one lower-case word)."""
    pairs = (line.split(": ") for line in lines.strip().splitlines())
    return [(name, _pattern(words.split())) for name, words in pairs]


def _pattern(words: list[str]) -> re.Pattern[str]:
    english = "|".join(word for word in words if word.isascii())
    russian = "|".join(word for word in words if not word.isascii())
    choices = [f"(?:{english})(?:e?s)?"] if english else []
    choices += [f"(?:{russian})(?:{_ENDINGS})"] if russian else []
    return re.compile(rf"(?:{'|'.join(choices)})\Z")


def words_of(prompt: str) -> list[str]:
    """The words of a prompt, lower case, at most the first 200."""
    return re.findall(r"[^\W\d_]+", prompt[:4000].lower())[:200]
