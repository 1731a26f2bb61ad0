//! The phrases of both languages, by what they say.

use super::{Comparison, Cue, Degree, Function, Superlative};

pub(super) const fn superlative(descending: bool, degree: Degree, behind: bool) -> Cue {
    Cue::Superlative(Superlative {
        descending,
        degree,
        behind,
    })
}

/// The cues with their phrases. Those of [`Cue::Filler`] count only where they name nothing.
pub(super) const PHRASES: &[(Cue, &str)] = &[
    (
        Cue::Count,
        "how many|number of|count of|count the number of|count|total number of|how many different|\
        berapa banyak|ada berapa|banyaknya|hitung|hitunglah|hitung jumlah|hitung banyaknya|amount of different|how many total|cacah|how often|how many times|berapa kali|berapa banyak kali|seberapa sering|how often did|number of times",
    ),
    (Cue::CountOrAmount, "jumlah|jumlahnya"),
    (Cue::HowMuch, "berapa|berapakah|how much|brp"),
    (
        Cue::Aggregate(Function::Sum),
        "total|sum|sum of|jumlah total|total jumlah|total amount of|total keseluruhan|\
        keseluruhan|akumulasi|jumlahkan|total nilai|jumlah keseluruhan|total sum of|total value of",
    ),
    (
        Cue::Aggregate(Function::Average),
        "average|avg|mean|rata-rata|rata rata|rerata|rataan|rata2|on average|average value of|nilai rata-rata|typical|overall average|average overall|rata-rata keseluruhan|overall mean|rerata keseluruhan",
    ),
    (Cue::Aggregate(Function::Minimum), "minimum|min|minimal"),
    (
        Cue::Aggregate(Function::Maximum),
        "maximum|max|maksimum|maksimal",
    ),
    (
        Cue::Share,
        "percentage|percent|what percentage|what percent|what %|%|persentase|persen|proporsi|proportion|share of|persentasenya|berapa persen",
    ),
    (
        superlative(true, Degree::Number, false),
        "most|most times|the most times|greatest number of|most number of|most common|most frequent|commonest|most popular|most often",
    ),
    (
        superlative(false, Degree::Number, false),
        "fewest|least|least number of|least common|rarest|least popular",
    ),
    (
        superlative(true, Degree::Number, true),
        "terbanyak|paling banyak|terbanyaknya|paling umum|paling sering|terpopuler|paling populer|tersering",
    ),
    (
        superlative(false, Degree::Number, true),
        "tersedikit|paling sedikit|paling jarang",
    ),
    (
        superlative(true, Degree::Size, false),
        "highest|largest|biggest|greatest",
    ),
    (superlative(false, Degree::Size, false), "lowest|smallest"),
    (
        superlative(true, Degree::Size, true),
        "tertinggi|terbesar|paling tinggi|paling besar",
    ),
    (
        superlative(false, Degree::Size, true),
        "terendah|terkecil|paling rendah|paling kecil",
    ),
    (
        superlative(true, Degree::Age, false),
        "oldest|earliest|eldest|longest running",
    ),
    (
        superlative(false, Degree::Age, false),
        "newest|latest|most recent|youngest|most recently|last",
    ),
    (
        superlative(true, Degree::Age, true),
        "tertua|paling tua|terlama|paling lama|paling awal|paling dulu",
    ),
    (
        superlative(false, Degree::Age, true),
        "terbaru|paling baru|termuda|paling muda|terkini|paling akhir|terakhir|paling belakangan|paling belakang|belakangan",
    ),
    (
        superlative(true, Degree::Quality("rating"), false),
        "best|best rated|top rated",
    ),
    (
        superlative(false, Degree::Quality("rating"), false),
        "worst|worst rated",
    ),
    (
        superlative(true, Degree::Quality("rating"), true),
        "terbaik|paling baik",
    ),
    (
        superlative(false, Degree::Quality("rating"), true),
        "terburuk|paling buruk",
    ),
    (
        superlative(true, Degree::Quality("price"), false),
        "most expensive|priciest|costliest|dearest",
    ),
    (
        superlative(false, Degree::Quality("price"), false),
        "cheapest|least expensive",
    ),
    (
        superlative(true, Degree::Quality("price"), true),
        "termahal|paling mahal",
    ),
    (
        superlative(false, Degree::Quality("price"), true),
        "termurah|paling murah",
    ),
    (
        superlative(true, Degree::Quality("weight"), false),
        "heaviest",
    ),
    (
        superlative(false, Degree::Quality("weight"), false),
        "lightest",
    ),
    (
        superlative(true, Degree::Quality("weight"), true),
        "terberat|paling berat",
    ),
    (
        superlative(false, Degree::Quality("weight"), true),
        "teringan|paling ringan",
    ),
    (
        superlative(true, Degree::Quality("length"), false),
        "longest",
    ),
    (
        superlative(false, Degree::Quality("length"), false),
        "shortest",
    ),
    (
        superlative(true, Degree::Quality("length"), true),
        "terpanjang|paling panjang",
    ),
    (
        superlative(false, Degree::Quality("length"), true),
        "terpendek|paling pendek",
    ),
    (
        superlative(true, Degree::Quality("height"), false),
        "tallest",
    ),
    (
        superlative(true, Degree::Quality("area size"), true),
        "terluas|paling luas",
    ),
    (
        superlative(false, Degree::Quality("area size"), true),
        "tersempit",
    ),
    (
        superlative(true, Degree::Quality("speed"), false),
        "fastest",
    ),
    (
        superlative(true, Degree::Quality("speed"), true),
        "tercepat|paling cepat",
    ),
    (
        superlative(true, Degree::Quality("population"), false),
        "most populous|most populated",
    ),
    (
        superlative(true, Degree::Quality("population"), true),
        "terpadat|paling padat",
    ),
    (Cue::Top { descending: true }, "top|teratas|first|pertama"),
    (Cue::Top { descending: false }, "bottom|terbawah"),
    (
        Cue::Each,
        "per|each|every|for each|for every|in each|tiap|setiap|tiap-tiap|masing-masing|di setiap|di tiap|\
        untuk setiap|untuk tiap|untuk masing-masing|pada setiap|pada tiap|of each|per each|dari setiap|dari masing-masing|\
        di masing-masing|pada masing-masing|within each|in every|of every",
    ),
    (
        Cue::By,
        "by|menurut|berdasarkan|based on|according to|grouped by|group by|broken down by|split by|\
        dikelompokkan berdasarkan|dikelompokkan menurut|dikelompokkan per|kelompokkan berdasarkan|kelompokkan menurut|\
        dirinci menurut|breakdown by|down by|breaks down by|per kelompok|in terms of|distribution by|dari segi|dilihat dari",
    ),
    (
        Cue::Sort,
        "sorted by|sorted|ranked|diurut|sort by|order by|ordered by|ranked by|rank by|ranking by|urutkan berdasarkan|diurutkan berdasarkan|\
        urut berdasarkan|diurutkan menurut|urutkan menurut|urutkan|diurutkan|diurutkan dari|sort them by|in order of|urutkan dari",
    ),
    (
        Cue::Direction { descending: true },
        "descending|in descending order|from large to small|from big to small|large to small|largest to smallest|biggest to smallest|from biggest to smallest|\
        highest to lowest|from most to least|most to least|from high to low|high to low|dari besar ke kecil|besar ke kecil|dari tinggi ke rendah|\
        dari banyak ke sedikit|from highest to lowest|desc|\
        dari terbesar|dari tertinggi|menurun|terbesar ke terkecil|\
        tertinggi ke terendah|dari yang terbanyak|dari terbanyak|from largest to smallest|dari tertinggi ke terendah|\
        dari terbesar ke terkecil|dari yang tertinggi ke terendah|dari yang terbesar ke terkecil",
    ),
    (
        Cue::Direction { descending: false },
        "ascending|in ascending order|from small to large|from small to big|small to large|smallest to largest|lowest to highest|from least to most|\
        least to most|from low to high|low to high|dari kecil ke besar|kecil ke besar|dari rendah ke tinggi|dari sedikit ke banyak|from lowest to highest|asc|\
        dari terkecil|dari terendah|menaik|terkecil ke terbesar|\
        terendah ke tertinggi|from smallest to largest|alphabetically|dari terendah ke tertinggi",
    ),
    (
        Cue::Compare(Comparison::Greater),
        "more than|greater than|higher than|above|over|exceeding|exceeds|exceed|\
        after|later than|lebih dari|lebih daripada|lebih banyak dari|\
        lebih banyak daripada|lebih tinggi dari|lebih tinggi daripada|di atas|diatas|melebihi|melampaui|setelah|sesudah|>|\
        lebih dari pada|lebih lama dari|lebih lama daripada",
    ),
    (
        Cue::Compare(Comparison::AtLeast),
        "at least|no less than|not less than|setidaknya|sekurang-kurangnya|sedikitnya|\
        tidak kurang dari|since|sejak|mulai dari|mulai tahun|mulai|starting from|starting in|>=|≥|from at least|semenjak|a minimum of",
    ),
    (
        Cue::Compare(Comparison::Less),
        "less than|fewer than|lower than|below|under|before|earlier than|\
        kurang dari|di bawah|dibawah|lebih rendah dari|lebih rendah daripada|lebih sedikit dari|\
        sebelum|prior to|<",
    ),
    (
        Cue::Compare(Comparison::AtMost),
        "at most|no more than|not more than|tidak lebih dari|<=|≤|a maximum of|sebanyak-banyaknya|selambat-lambatnya",
    ),
    (
        Cue::Compare(Comparison::Equal),
        "equal to|equals|sama dengan|exactly|tepat|persis|=|sebesar|senilai|sebanyak|of exactly",
    ),
    (
        Cue::CompareBefore(Comparison::AtLeast),
        "or more|or above|and above|ke atas|atau lebih|or later|and up|or higher|and later|keatas|onwards|dan seterusnya|or greater",
    ),
    (
        Cue::CompareBefore(Comparison::AtMost),
        "or less|or fewer|or below|ke bawah|atau kurang|or earlier|kebawah|and below|or lower",
    ),
    (
        Cue::Between,
        "between|antara|di antara|dalam rentang|in the range of|in the range|ranging from|berkisar antara|from between",
    ),
    (
        Cue::To,
        "to|until|till|through|up to|sampai|sampai dengan|hingga|s d|-|–|sampai tahun|hingga tahun",
    ),
    (
        Cue::Not,
        "not|no|non|tidak|bukan|belum|never|tak|bukanlah|isnt|arent|wasnt|other than|selain|kecuali|except|except for|excluding|\
        di luar|diluar|<>|!=|tidak termasuk|yang bukan|not in|are not|is not|were not|was not|tidak di|bukan di|bukan dari|outside|outside of|\
        belum pernah|tidak pernah|have never|has never|had never|have not|has not|do not|does not|did not|dont|doesnt|didnt|havent|hasnt|other than in|no longer|not any longer|not any more|tidak lagi|sudah tidak|sudah tidak lagi|bukan lagi|tak lagi|none|none of|none of the|neither",
    ),
    (
        Cue::Without,
        "without|tanpa|with no|have no|has no|having no|had no|do not have|does not have|dont have|doesnt have|\
        did not have|not have|not having|lacking|lack|lacks|tidak memiliki|tidak punya|tidak mempunyai|tak memiliki|tak punya|belum memiliki|\
        belum punya|belum mempunyai|tidak ada|tidak terdapat|do not have any|does not have any|dont have any|doesnt have any|without any|\
        tidak memiliki satu pun|belum pernah memiliki|have never had|has never had|never had|have never made|have never placed|never placed|\
        has never placed|without a|have no recorded|tidak mempunyai satu pun|belum ada|not any|have not any|do not own any|no recorded|\
        tidak pernah memiliki|tidak pernah melakukan|belum pernah melakukan|belum pernah mempunyai|tanpa data|sama sekali tidak memiliki|\
        not have any|have not made any|have not placed any|has not placed any",
    ),
    (
        Cue::Have,
        "have|has|having|had|with|dengan|memiliki|mempunyai|punya|own|owns|beserta|bersama|dimiliki|ada|that have|whose|along with|together with|including|beserta dengan|disertai|lengkap dengan|plus their",
    ),
    (
        Cue::Empty,
        "is null|null|empty|missing|is missing|are missing|is empty|blank|unknown|is unknown|not filled|not recorded|kosong|\
        tidak diisi|belum diisi|tidak diketahui|tidak tercatat|belum tercatat|belum diketahui|not known|unrecorded|not available|\
        is not recorded|is not known|are unknown|tidak terisi|belum terisi|tidak ada datanya|belum ada datanya|is blank|not filled in|are empty|are null",
    ),
    (
        Cue::Filled,
        "not null|is not null|not empty|is not empty|tidak kosong|sudah diisi|is known|terisi|is recorded|sudah tercatat|not missing|is filled|diisi|diketahui|known|recorded",
    ),
    (
        Cue::And,
        "and|dan|but|tetapi|tapi|namun|serta|&|,|as well as|maupun|/|and also|sekaligus|but also|and state|and mention|and include|and give|serta juga|and then|lalu|then by|kemudian|dan juga|both",
    ),
    (Cue::Or, "or|atau|and or"),
    (
        Cue::That,
        "that|who|whom|yang|yg|are|is|was|were|adalah|ialah",
    ),
    (
        Cue::At,
        "in|at|from|on|di|pada|dalam|within|located in|based in|berada di|terletak di|berlokasi di|berasal dari|asal|during|selama|throughout|sepanjang|over the course of|in the course of|dalam kurun|di dalam|across|across all|\
        named|called|bernama|titled|berjudul|di wilayah|in the|from the|domiciled in|berdomisili di|living in|live in|lives in|tinggal di",
    ),
    (
        Cue::Who,
        "who are|who is|who has|who have|who did|siapa|siapakah|siapa saja|siapa yang|siapa saja yang",
    ),
    (
        Cue::Which,
        "which|what|where|mana|apa|manakah|apakah|apa saja|mana saja|saja apa|\
        what are|what is|what were|dimana|di mana|which one|which ones|apa saja yang",
    ),
    (Cue::When, "when|kapan|when was|when were|when did"),
    (
        Cue::Show,
        "show|list|display|rank|sort|give|give me|tell|tell me|find|get|tampilkan|tunjukkan|sebutkan|daftar|lihat|cari|carikan|berikan|perlihatkan|\
        list of|list all|show me|show all|daftarkan|tampilkan daftar|buat daftar|buatkan daftar|a list of|tampilkan semua|sebutkan semua|list the|\
        i want to see|i want|saya ingin melihat|saya ingin tahu|saya mau tahu|i would like to know|i want to know|tuliskan|beri tahu|ambil|retrieve|\
        fetch|return|names of all|minta|break|break down|give their|sertakan|cantumkan|mencantumkan|tambahkan juga|tampilkan juga|give also",
    ),
    (
        Cue::Distinct,
        "different|distinct|unique|berbeda|unik|berlainan|yang berbeda|beda",
    ),
    (
        Cue::Contrast,
        "compare|comparison of|comparison|bandingkan|perbandingan|versus|vs|dibandingkan|compared|compared to",
    ),
    (
        Cue::Year,
        "year|tahun|in the year|pada tahun|di tahun|tahunnya|calendar year|dalam tahun",
    ),
    (Cue::Month, "month|bulan|calendar month"),
    (
        Cue::Yearly,
        "yearly|annually|a year|setahun|per annum|per year|per tahun|each year|every year|by year|tiap tahun|setiap tahun|year by year|over time|over the years|\
        dari tahun ke tahun|from year to year|menurut tahun|berdasarkan tahun|year over year|trend|tren|perkembangan|trend over the years|\
        for each year|pertahun|tahun demi tahun|masing-masing tahun|untuk setiap tahun|in each year|pada setiap tahun|per calendar year",
    ),
    (
        Cue::Monthly,
        "monthly|a month|sebulan|per month|per bulan|each month|every month|by month|tiap bulan|setiap bulan|month by month|menurut bulan|berdasarkan bulan|\
        for each month|perbulan|in each month",
    ),
    (
        Cue::Relative,
        "last year|this year|next year|last month|this month|next month|today|yesterday|tomorrow|tahun lalu|tahun ini|tahun depan|bulan lalu|\
        bulan ini|bulan depan|hari ini|kemarin|besok|minggu ini|minggu lalu|last week|this week|past year|years ago|year ago|months ago|days ago|ago|\
        tahun terakhir|bulan terakhir|hari terakhir|minggu terakhir|recent years|last quarter|this quarter|past month|past week|in the past|\
        tahun kemarin|bulan kemarin|tahun yang lalu|bulan yang lalu|last years|recently|baru-baru ini|akhir-akhir ini|past years|next week|previous year|tahun sebelumnya",
    ),
    (
        Cue::Change,
        "delete|remove|drop|insert|update|add|alter|truncate|hapus|hapuskan|ubah|ubahlah|ganti|gantilah|tambah|tambahkan|perbarui|\
        masukkan|edit|modify|change|rename|kosongkan|create|erase|hilangkan|set",
    ),
    (
        Cue::Quantifier,
        "all|only|just|solely|entirely|always|semua|seluruh|segala|hanya|cuma|selalu|seluruhnya|semuanya",
    ),
    (
        Cue::Beyond,
        "apa itu|what is a|apa yang dimaksud|apa yang dimaksud dengan|apa pengertian|pengertian|definisi|define|definition of|jelaskan|explain|\
        ceritakan|describe|mengapa|kenapa|why|bagaimana cara|how do i|how can i|how to|how should|cara|predict|prediction|forecast|prediksi|\
        perkirakan|perkiraan|ramalkan|recommend|suggest|rekomendasi|sarankan|should i|sebaiknya|everything|segalanya",
    ),
    (
        Cue::Greeting,
        "hello|hi|hey|halo|hai|good morning|good afternoon|good evening|selamat pagi|selamat siang|selamat sore|selamat malam|\
        assalamualaikum|thanks|thank you|terima kasih|makasih|apa kabar|how are you|who are you|siapa kamu|siapa anda|help|bantuan|what can you do|apa yang bisa kamu lakukan",
    ),
    (
        Cue::Relation,
        "sold|bought|belong|belongs|belong to|belongs to|look after|looks after|looked after|looking after|take care of|takes care of|ordered|purchased|handled|handle|served|serve|managed|manage|processed|process|received|receive|used|use|supplied|supply|\
        taught|teach|teaches|attended|attend|treated|treat|treats|written|wrote|worked|work|works|sells|sell|buys|buy|owned|contain|contains|contained|\
        produced|delivered by|run by|live|lives|participated|participate|participating|involved|assigned|responsible|\
        terjual|dijual|dibeli|dipesan|menangani|ditangani|melayani|dilayani|menerima|membeli|menjual|mengelola|dikelola|mengajar|diajar|\
        mengikuti|diikuti|memakai|dipakai|menggunakan|digunakan|mengirim|memasok|dipasok|menghasilkan|dihasilkan|bekerja|berisi|berasal|\
        tergabung|terlibat|mengambil|merawat|dirawat|ditulis|menulis|diproses|ditugaskan|bertugas|tinggal",
    ),
    (
        Cue::Filler,
        "the|a|an|of|for|be|been|being|do|does|did|there|this|these|those|it|its|their|they|them|we|us|our|i|me|my|you|your|please|can|could|\
        would|will|should|may|any|some|as|so|also|too|very|currently|current|exist|exists|existing|there are|there is|are there|is there|were there|\
        registered|data|dataset|database|records|record|rows|row|entries|entry|people|person|come|comes|located|based|\
        have been|has been|had been|made|placed|still|granted|given|issued|taken out|taken|disbursed|kept|held|belonging to|related to|work as|works as|working as|bekerja sebagai|happened|occurred|took place|one of|salah satu|known as|value|values|respectively|name the|\
        untuk|oleh|dari|ini|itu|tersebut|saya|kami|kita|anda|kamu|tolong|mohon|coba|terdapat|terdaftar|tercatat|berada|terletak|para|\
        saja|juga|pun|ke|adanya|sih|dong|ya|nih|lah|kah|kalau|jika|bila|maka|bisa|dapat|ingin|mau|agar|supaya|oleh karena|akan|telah|sudah|sedang|pernah|\
        orang|buah|ekor|unit|lembar|seorang|sebuah|suatu|nya|si|sang|saat ini|sekarang|now|kini|hasil|secara|sebagai|tentang|mengenai|terhadap|atas nama|\
        basis data|tabel|table|tables|nilai|dilakukan|dibuat|terjadi|masih|diberikan|disalurkan|dikeluarkan|diajukan|diambil|dicatat|berstatus|bertipe|berjenis|berupa|merupakan|menjadi|oleh para|atas|milik|kepunyaan|antar|among|amongst|at all|sama sekali|then|than|daripada|\
        ones|about|name|names|nama|namanya|info|information|informasi|masing|keseluruhannya|ever|yet|already|each other|how|bagaimana|berikut|here|in total|in all|altogether|all told|all together|together|overall|combined|with us|for us|kepada siapa pun|siapa pun|apa pun|mana pun|satu pun|on record|on file|stored|tersimpan|kita|company wide|companywide|got|ended|ended up|ended up as|ended up in|end up|occur|occurs|occurring|often|happen|happens|happening|mengalami|berlangsung|karena|akibat|due to|because of|by reason of|the result of|per unit|apiece|kita miliki|yang kita miliki|our own|we have|do we have|rupiah|rp|idr|lain|lainnya|other|others",
    ),
];
