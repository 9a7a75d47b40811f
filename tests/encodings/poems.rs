//! Poems in languages that have encodings of their own, all older than any right in them.

/// 李白, 王维, 孟浩然.
pub const CHINESE: &str =
    "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n\n空山不见人，但闻人语响。\n返景入深林，复照青苔上。\n
春眠不觉晓，处处闻啼鸟。\n夜来风雨声，花落知多少。\n\n千山鸟飞绝，万径人踪灭。\n孤舟蓑笠翁，独钓寒江雪。\n
白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n\n红豆生南国，春来发几枝。\n愿君多采撷，此物最相思。\n";

pub const TRADITIONAL: &str =
    "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。\n\n空山不見人，但聞人語響。\n返景入深林，復照青苔上。\n
春眠不覺曉，處處聞啼鳥。\n夜來風雨聲，花落知多少。\n\n千山鳥飛絕，萬徑人蹤滅。\n孤舟蓑笠翁，獨釣寒江雪。\n
白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。\n\n紅豆生南國，春來發幾枝。\n願君多采擷，此物最相思。\n";

/// 芭蕉, 蕪村, 一茶, 千代女, and the iroha.
pub const JAPANESE: &str = "古池や\n蛙飛びこむ\n水の音\n\n閑さや\n岩にしみ入る\n蝉の声\n\n夏草や\n兵どもが\n夢の跡\n
五月雨を\nあつめて早し\n最上川\n\n荒海や\n佐渡によこたふ\n天の河\n\n旅に病んで\n夢は枯野を\nかけ廻る\n
菜の花や\n月は東に\n日は西に\n\n春の海\nひねもすのたり\nのたりかな\n\n痩蛙\nまけるな一茶\nこれにあり\n
雀の子\nそこのけそこのけ\nお馬が通る\n\n朝顔に\n釣瓶とられて\nもらひ水\n
いろはにほへと\nちりぬるを\nわかよたれそ\nつねならむ\nうゐのおくやま\nけふこえて\nあさきゆめみし\nゑひもせす\n";

/// 김소월, 윤동주.
pub const KOREAN: &str = "나 보기가 역겨워\n가실 때에는\n말없이 고이 보내 드리우리다\n\n영변에 약산\n진달래꽃\n아름 따다 가실 길에 뿌리우리다\n
죽는 날까지 하늘을 우러러\n한 점 부끄럼이 없기를,\n잎새에 이는 바람에도\n나는 괴로워했다.\n별을 노래하는 마음으로
모든 죽어가는 것을 사랑해야지\n그리고 나한테 주어진 길을\n걸어가야겠다.\n";

/// Verlaine, Hugo, du Bellay.
pub const FRENCH: &str = "Les sanglots longs\nDes violons\nDe l'automne\nBlessent mon cœur\nD'une langueur\nMonotone.\n
Tout suffocant\nEt blême, quand\nSonne l'heure,\nJe me souviens\nDes jours anciens\nEt je pleure ;\n
Et je m'en vais\nAu vent mauvais\nQui m'emporte\nDeçà, delà,\nPareil à la\nFeuille morte.\n
Demain, dès l'aube, à l'heure où blanchit la campagne,\nJe partirai. Vois-tu, je sais que tu m'attends.
J'irai par la forêt, j'irai par la montagne.\nJe ne puis demeurer loin de toi plus longtemps.\n
Je marcherai les yeux fixés sur mes pensées,\nSans rien voir au dehors, sans entendre aucun bruit,
Seul, inconnu, le dos courbé, les mains croisées,\nTriste, et le jour pour moi sera comme la nuit.\n
Heureux qui, comme Ulysse, a fait un beau voyage,\nOu comme cestuy-là qui conquit la toison,
Et puis est retourné, plein d'usage et raison,\nVivre entre ses parents le reste de son âge !\n";

/// Goethe.
pub const GERMAN: &str = "Sah ein Knab ein Röslein stehn,\nRöslein auf der Heiden,\nwar so jung und morgenschön,
lief er schnell, es nah zu sehn,\nsah's mit vielen Freuden.\n
Über allen Gipfeln\nIst Ruh,\nIn allen Wipfeln\nSpürest du\nKaum einen Hauch;\nDie Vögelein schweigen im Walde.
Warte nur, balde\nRuhest du auch.\n
Wer reitet so spät durch Nacht und Wind?\nEs ist der Vater mit seinem Kind;\nEr hat den Knaben wohl in dem Arm,
Er faßt ihn sicher, er hält ihn warm.\n\nMein Sohn, was birgst du so bang dein Gesicht?\nSiehst, Vater, du den Erlkönig nicht?
Den Erlenkönig mit Kron' und Schweif?\nMein Sohn, es ist ein Nebelstreif.\n
Ich sei, gewährt mir die Bitte,\nIn eurem Bunde der Dritte! Für schöne Träume, süße Lüfte, grüne Hügel.\n";

/// Пушкин.
pub const RUSSIAN: &str =
    "Я помню чудное мгновенье:\nПередо мной явилась ты,\nКак мимолётное виденье,\nКак гений чистой красоты.\n
У лукоморья дуб зелёный;\nЗлатая цепь на дубе том:\nИ днём и ночью кот учёный\nВсё ходит по цепи кругом;\n";

/// Mickiewicz.
pub const POLISH: &str = "Litwo! Ojczyzno moja! ty jesteś jak zdrowie;\nIle cię trzeba cenić, ten tylko się dowie,
Kto cię stracił. Dziś piękność twą w całej ozdobie\nWidzę i opisuję, bo tęsknię po tobie.\n
Panno święta, co Jasnej bronisz Częstochowy\nI w Ostrej świecisz Bramie! Ty, co gród zamkowy
Nowogródzki ochraniasz z jego wiernym ludem!\nJak mnie dziecko do zdrowia powróciłaś cudem\n";

/// Σολωμός.
pub const GREEK: &str =
    "Σε γνωρίζω από την κόψη\nτου σπαθιού την τρομερή,\nσε γνωρίζω από την όψη\nπου με βία μετράει τη γη.\n
Απ' τα κόκαλα βγαλμένη\nτων Ελλήνων τα ιερά,\nκαι σαν πρώτα ανδρειωμένη,\nχαίρε, ω χαίρε, Ελευθεριά!\n";

/// Shakespeare, with the quotation marks and dashes of a word processor.
pub const ENGLISH: &str = "Shall I compare thee to a summer’s day?\nThou art more lovely and more temperate:
Rough winds do shake the darling buds of May,\nAnd summer’s lease hath all too short a date;
Sometime too hot the eye of heaven shines,\nAnd often is his gold complexion dimm’d;
And every fair from fair sometime declines,\nBy chance or nature’s changing course untrimm’d;
But thy eternal summer shall not fade,\nNor lose possession of that fair thou ow’st;
Nor shall death brag thou wander’st in his shade,\nWhen in eternal lines to time thou grow’st:
“So long as men can breathe or eyes can see —\nSo long lives this, and this gives life to thee.”\n
My mistress’ eyes are nothing like the sun;\nCoral is far more red than her lips’ red;
If snow be white, why then her breasts are dun;\nIf hairs be wires, black wires grow on her head.\n";
