//! The rarer function words of both languages: pronouns, conjunctions, prepositions, and set phrases
//! that compare, deny or ask.

use super::phrases::superlative;
use super::{Comparison, Cue, Degree, Function};

/// The cues with their phrases.
pub(super) const FUNCTION_WORDS: &[(Cue, &str)] = &[
    (
        Cue::Filler,
        "he|she|him|her|his|hers|himself|herself|myself|ourselves|yourselves|something|anything|such|namely|however|perhaps|maybe|\
        roughly|approximately|more or less|of them|of these|of those|among them|from among|have ever|has ever|had ever|ever been|at any time|\
        at any point|at some point|at some time|finally|eventually|officially|in particular|as well|etc|turn out|turns out|turned out|turned out to be|turned out to have been|\
        to be|to have|either|on offer|for sale|lets say|by any chance|i wonder|im curious|i am curious|let me know|let us know|do you know|do we know|\
        adapun|bahwa|yaitu|yakni|tsb|pula|malah|bahkan|sempat|sebenarnya|sesungguhnya|ternyata|rupanya|nantinya|tadinya|akhirnya|pada akhirnya|\
        memang|beliau|dia|ia|mereka|deh|kok|tuh|toh|sekadar|gara-gara|lantaran|selaku|jadi|guna|demi|bagi|kepada|kurang lebih|di antaranya|\
        diantaranya|ada tidak|adakah|apakah ada|penasaran|saya penasaran|boleh|bolehkah|bolehkah saya|tahu|tau|pengen tahu|pengin tahu|kayaknya|\
        sepertinya|barangkali|mungkin",
    ),
    (
        Cue::Who,
        "anyone|anybody|everyone|everybody|anyone who|everyone who|everybody who|anybody who|those who|siapapun yang|siapa pun yang|orang yang|orang-orang yang|mereka yang|para pihak yang",
    ),
    (
        Cue::Show,
        "pull up|bring up|look up|enumerate|itemise|itemize|print|print out|write out|let me see|what about|how about|bagaimana dengan|jabarkan|rincikan|\
        sajikan|munculkan|tampilin|sebutin|kasih lihat|kasih tahu|kasih tau|beritahu|beritahukan|beri tahukan|infokan|informasikan|laporkan|\
        kasih|mau lihat|ingin lihat|ingin melihat|mau tahu|ingin tahu|pengen lihat|id love to know|i need to know|we need to know|we want to know|kami ingin tahu",
    ),
    (
        Cue::Count,
        "seberapa banyak|tally|tally up|tally of|the total number|how many distinct|how many unique|how many in total|how many in all|berapa total jumlah|head count of",
    ),
    (
        Cue::Aggregate(Function::Sum),
        "grand total|sum total|combined total|overall total|total semuanya|total seluruhnya",
    ),
    (
        Cue::Share,
        "what proportion|what portion|what share|pct|berapa persenkah|seberapa persen",
    ),
    (
        Cue::Compare(Comparison::Greater),
        "in excess of|upwards of|upward of|beyond|surpass|surpasses|surpassed|surpassing|exceeded|topping|later on than|melewati|lewat dari",
    ),
    (
        Cue::Compare(Comparison::AtLeast),
        "no earlier than|not earlier than|not before|as early as|no fewer than|not fewer than|no lower than|no smaller than|paling tidak|tak kurang dari|reaching|mencapai|from as early as",
    ),
    (
        Cue::Compare(Comparison::Less),
        "tidak sampai|belum sampai|tak sampai|short of",
    ),
    (
        Cue::Compare(Comparison::AtMost),
        "no later than|not later than|not exceeding|not exceed|does not exceed|do not exceed|did not exceed|no higher than|no greater than|not over|not above|tak lebih dari|tidak melebihi|tidak melampaui",
    ),
    (
        Cue::CompareBefore(Comparison::AtLeast),
        "or better|or longer|or larger|or bigger|or heavier|or taller|or over|and over|and upwards|or upwards|upwards|or beyond|\
        atau lebih tinggi|atau lebih besar|atau lebih lama|atau lebih baik|atau lebih banyak|and more|ke atasnya",
    ),
    (
        Cue::CompareBefore(Comparison::AtMost),
        "or under|and under|or smaller|or shorter|or cheaper|or lighter|atau lebih rendah|atau lebih kecil|atau lebih sedikit|atau lebih murah|and less|and fewer",
    ),
    (
        Cue::Not,
        "not yet|cannot|cant|couldnt|wont|werent|hadnt|never once|not once|never ever|not ever|not even|tak pernah|tidak sekali pun|tak sekali pun|\
        belum sekali pun|belum pernah sekali pun|belum juga|masih belum|tidak juga|bukannya|sama sekali tidak|sama sekali belum|sama sekali tidak pernah|\
        sama sekali belum pernah|apart from|aside from|barring|save for|with the exception of|leaving out|not counting|not including|ignoring|\
        terkecuali|dengan pengecualian|tanpa menghitung|tidak menghitung|still not|is yet to|are yet to|have yet to|has yet to|had yet to|failed to|gagal",
    ),
    (
        Cue::Without,
        "not a single|not one|not even one|devoid of|tak ada|tiada|tidak ada satu pun|tak ada satu pun|belum ada satu pun|tanpa satu pun|\
        there is no|there are no|there was no|there were no|has got no|have got no|tidak dilengkapi|tidak disertai",
    ),
    (
        Cue::Have,
        "comes with|come with|came with|made up of|consist of|consists of|consisting of|comprise|comprises|comprising|terdiri dari|terdiri atas|\
        dilengkapi|dilengkapi dengan|bearing",
    ),
    (
        Cue::At,
        "into|onto|upon|inside|inside of|toward|towards|come from|comes from|came from|coming from|hail from|hails from|hailing from|originate from|\
        originates from|originating from|originally from|datang dari|situated in|situated at|residing in|resident in|resides in|reside in|stationed in|\
        stationed at|housed in|found in|found at|located at|located on|based at|based out of|headquartered in|held in|held at|hosted at|bertempat di|\
        beralamat di|bermukim di|menetap di|bertempat tinggal di|berkedudukan di|part of|bagian dari|termasuk dalam|masuk dalam|tergolong|\
        tergolong dalam|termasuk|classified as|categorised as|categorized as|classed as|labelled|labeled|labelled as|labeled as|marked as|marked|tagged|tagged as|\
        flagged as|listed as|recorded as|described as|designated|designated as|dinamai|dikenal sebagai|berlabel|dengan nama|by the name of|with the name|whose name is|\
        yang bernama|back in|as far back as|way back in|dated|bertanggal|tertanggal|per tanggal|ditandai sebagai|dinyatakan|dinyatakan sebagai|tercatat sebagai|\
        terdaftar sebagai|berkategori|berstatuskan",
    ),
    (
        Cue::And,
        "in addition to|in addition|additionally|selain itu|di samping itu|dan sekaligus|followed by|after that|setelah itu|together with their|as well as their",
    ),
    (Cue::Or, "ataupun|or else"),
    (
        Cue::Direction { descending: false },
        "alphabetical|in alphabetical order|by alphabet|menurut abjad|urut abjad|sesuai abjad|berdasarkan abjad|secara alfabetis|secara abjad",
    ),
    (
        superlative(true, Degree::Number, false),
        "most frequently|most commonly|most numerous|most regularly|largest number of|highest number of|biggest number of|highest count of|the largest number of|the highest number of",
    ),
    (
        superlative(false, Degree::Number, false),
        "least often|least frequently|least commonly|lowest number of|smallest number of|lowest count of",
    ),
    (
        superlative(true, Degree::Number, true),
        "paling kerap|paling lazim|tersering kali",
    ),
    (
        superlative(true, Degree::Age, true),
        "terawal|paling dini|paling dahulu|paling lawas",
    ),
    (
        superlative(false, Degree::Age, true),
        "teranyar|paling anyar",
    ),
    (
        superlative(true, Degree::Quality("price"), false),
        "highest priced|most costly|most highly priced",
    ),
    (
        superlative(false, Degree::Quality("price"), false),
        "lowest priced|least costly|most affordable",
    ),
    (
        superlative(false, Degree::Quality("price"), true),
        "paling terjangkau",
    ),
    (
        superlative(false, Degree::Quality("length"), true),
        "tersingkat|paling singkat",
    ),
];
