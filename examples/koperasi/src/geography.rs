//! Indonesia's 38 provinces with their codes, island groups, regencies and cities.

/// A province and what the generator needs to know about it.
pub(crate) struct Province {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) island: &'static str,
    /// How many cooperatives one of its regencies has, typically. Invented.
    pub(crate) density: u32,
    /// The typical initial capital of a cooperative there, in millions of rupiah. Invented.
    pub(crate) capital: u32,
    /// The regencies, separated by commas, without the word "Kabupaten".
    regencies: &'static str,
    /// The cities, separated by commas, without the word "Kota".
    cities: &'static str,
}

impl Province {
    /// The names of its regencies.
    pub(crate) fn regencies(&self) -> impl Iterator<Item = &'static str> {
        names(self.regencies)
    }

    /// The names of its cities.
    pub(crate) fn cities(&self) -> impl Iterator<Item = &'static str> {
        names(self.cities)
    }
}

fn names(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

const JAWA: &str = "Jawa";
const SUMATERA: &str = "Sumatera";
const KALIMANTAN: &str = "Kalimantan";
const SULAWESI: &str = "Sulawesi";
const NUSA_TENGGARA: &str = "Bali dan Nusa Tenggara";
const MALUKU: &str = "Maluku";
const PAPUA: &str = "Papua";

/// The provinces in the order of their codes.
pub(crate) const PROVINCES: [Province; 38] = [
    Province {
        code: "11",
        name: "Aceh",
        island: SUMATERA,
        density: 5,
        capital: 310,
        regencies: "Aceh Barat, Aceh Barat Daya, Aceh Besar, Aceh Jaya, Aceh Selatan, Aceh \
                    Singkil, Aceh Tamiang, Aceh Tengah, Aceh Tenggara, Aceh Timur, Aceh Utara, \
                    Bener Meriah, Bireuen, Gayo Lues, Nagan Raya, Pidie, Pidie Jaya, Simeulue",
        cities: "Banda Aceh, Langsa, Lhokseumawe, Sabang, Subulussalam",
    },
    Province {
        code: "12",
        name: "Sumatera Utara",
        island: SUMATERA,
        density: 7,
        capital: 420,
        regencies: "Asahan, Batu Bara, Dairi, Deli Serdang, Humbang Hasundutan, Karo, Labuhanbatu, \
                    Labuhanbatu Selatan, Labuhanbatu Utara, Langkat, Mandailing Natal, Nias, Nias \
                    Barat, Nias Selatan, Nias Utara, Padang Lawas, Padang Lawas Utara, Pakpak \
                    Bharat, Samosir, Serdang Bedagai, Simalungun, Tapanuli Selatan, Tapanuli \
                    Tengah, Tapanuli Utara, Toba",
        cities: "Binjai, Gunungsitoli, Medan, Padangsidimpuan, Pematangsiantar, Sibolga, \
                    Tanjungbalai, Tebing Tinggi",
    },
    Province {
        code: "13",
        name: "Sumatera Barat",
        island: SUMATERA,
        density: 6,
        capital: 360,
        regencies: "Agam, Dharmasraya, Kepulauan Mentawai, Lima Puluh Kota, Padang Pariaman, \
                    Pasaman, Pasaman Barat, Pesisir Selatan, Sijunjung, Solok, Solok Selatan, \
                    Tanah Datar",
        cities: "Bukittinggi, Padang, Padang Panjang, Pariaman, Payakumbuh, Sawahlunto, Solok",
    },
    Province {
        code: "14",
        name: "Riau",
        island: SUMATERA,
        density: 5,
        capital: 610,
        regencies: "Bengkalis, Indragiri Hilir, Indragiri Hulu, Kampar, Kepulauan Meranti, Kuantan \
                    Singingi, Pelalawan, Rokan Hilir, Rokan Hulu, Siak",
        cities: "Dumai, Pekanbaru",
    },
    Province {
        code: "15",
        name: "Jambi",
        island: SUMATERA,
        density: 5,
        capital: 390,
        regencies: "Batanghari, Bungo, Kerinci, Merangin, Muaro Jambi, Sarolangun, Tanjung Jabung \
                    Barat, Tanjung Jabung Timur, Tebo",
        cities: "Jambi, Sungai Penuh",
    },
    Province {
        code: "16",
        name: "Sumatera Selatan",
        island: SUMATERA,
        density: 6,
        capital: 440,
        regencies: "Banyuasin, Empat Lawang, Lahat, Muara Enim, Musi Banyuasin, Musi Rawas, Musi \
                    Rawas Utara, Ogan Ilir, Ogan Komering Ilir, Ogan Komering Ulu, Ogan Komering \
                    Ulu Selatan, Ogan Komering Ulu Timur, Penukal Abab Lematang Ilir",
        cities: "Lubuklinggau, Pagar Alam, Palembang, Prabumulih",
    },
    Province {
        code: "17",
        name: "Bengkulu",
        island: SUMATERA,
        density: 4,
        capital: 260,
        regencies: "Bengkulu Selatan, Bengkulu Tengah, Bengkulu Utara, Kaur, Kepahiang, Lebong, \
                    Mukomuko, Rejang Lebong, Seluma",
        cities: "Bengkulu",
    },
    Province {
        code: "18",
        name: "Lampung",
        island: SUMATERA,
        density: 7,
        capital: 340,
        regencies: "Lampung Barat, Lampung Selatan, Lampung Tengah, Lampung Timur, Lampung Utara, \
                    Mesuji, Pesawaran, Pesisir Barat, Pringsewu, Tanggamus, Tulang Bawang, Tulang \
                    Bawang Barat, Way Kanan",
        cities: "Bandar Lampung, Metro",
    },
    Province {
        code: "19",
        name: "Kepulauan Bangka Belitung",
        island: SUMATERA,
        density: 5,
        capital: 400,
        regencies: "Bangka, Bangka Barat, Bangka Selatan, Bangka Tengah, Belitung, Belitung Timur",
        cities: "Pangkalpinang",
    },
    Province {
        code: "21",
        name: "Kepulauan Riau",
        island: SUMATERA,
        density: 6,
        capital: 700,
        regencies: "Bintan, Karimun, Kepulauan Anambas, Lingga, Natuna",
        cities: "Batam, Tanjungpinang",
    },
    Province {
        code: "31",
        name: "DKI Jakarta",
        island: JAWA,
        density: 18,
        capital: 1150,
        regencies: "Kepulauan Seribu",
        cities: "Jakarta Barat, Jakarta Pusat, Jakarta Selatan, Jakarta Timur, Jakarta Utara",
    },
    Province {
        code: "32",
        name: "Jawa Barat",
        island: JAWA,
        density: 12,
        capital: 560,
        regencies: "Bandung, Bandung Barat, Bekasi, Bogor, Ciamis, Cianjur, Cirebon, Garut, \
                    Indramayu, Karawang, Kuningan, Majalengka, Pangandaran, Purwakarta, Subang, \
                    Sukabumi, Sumedang, Tasikmalaya",
        cities: "Bandung, Banjar, Bekasi, Bogor, Cimahi, Cirebon, Depok, Sukabumi, Tasikmalaya",
    },
    Province {
        code: "33",
        name: "Jawa Tengah",
        island: JAWA,
        density: 11,
        capital: 450,
        regencies: "Banjarnegara, Banyumas, Batang, Blora, Boyolali, Brebes, Cilacap, Demak, \
                    Grobogan, Jepara, Karanganyar, Kebumen, Kendal, Klaten, Kudus, Magelang, Pati, \
                    Pekalongan, Pemalang, Purbalingga, Purworejo, Rembang, Semarang, Sragen, \
                    Sukoharjo, Tegal, Temanggung, Wonogiri, Wonosobo",
        cities: "Magelang, Pekalongan, Salatiga, Semarang, Surakarta, Tegal",
    },
    Province {
        code: "34",
        name: "DI Yogyakarta",
        island: JAWA,
        density: 13,
        capital: 480,
        regencies: "Bantul, Gunungkidul, Kulon Progo, Sleman",
        cities: "Yogyakarta",
    },
    Province {
        code: "35",
        name: "Jawa Timur",
        island: JAWA,
        density: 12,
        capital: 520,
        regencies: "Bangkalan, Banyuwangi, Blitar, Bojonegoro, Bondowoso, Gresik, Jember, Jombang, \
                    Kediri, Lamongan, Lumajang, Madiun, Magetan, Malang, Mojokerto, Nganjuk, \
                    Ngawi, Pacitan, Pamekasan, Pasuruan, Ponorogo, Probolinggo, Sampang, Sidoarjo, \
                    Situbondo, Sumenep, Trenggalek, Tuban, Tulungagung",
        cities: "Batu, Blitar, Kediri, Madiun, Malang, Mojokerto, Pasuruan, Probolinggo, \
                    Surabaya",
    },
    Province {
        code: "36",
        name: "Banten",
        island: JAWA,
        density: 11,
        capital: 640,
        regencies: "Lebak, Pandeglang, Serang, Tangerang",
        cities: "Cilegon, Serang, Tangerang, Tangerang Selatan",
    },
    Province {
        code: "51",
        name: "Bali",
        island: NUSA_TENGGARA,
        density: 12,
        capital: 830,
        regencies: "Badung, Bangli, Buleleng, Gianyar, Jembrana, Karangasem, Klungkung, Tabanan",
        cities: "Denpasar",
    },
    Province {
        code: "52",
        name: "Nusa Tenggara Barat",
        island: NUSA_TENGGARA,
        density: 6,
        capital: 300,
        regencies: "Bima, Dompu, Lombok Barat, Lombok Tengah, Lombok Timur, Lombok Utara, Sumbawa, \
                    Sumbawa Barat",
        cities: "Bima, Mataram",
    },
    Province {
        code: "53",
        name: "Nusa Tenggara Timur",
        island: NUSA_TENGGARA,
        density: 5,
        capital: 230,
        regencies: "Alor, Belu, Ende, Flores Timur, Kupang, Lembata, Malaka, Manggarai, Manggarai \
                    Barat, Manggarai Timur, Nagekeo, Ngada, Rote Ndao, Sabu Raijua, Sikka, Sumba \
                    Barat, Sumba Barat Daya, Sumba Tengah, Sumba Timur, Timor Tengah Selatan, \
                    Timor Tengah Utara",
        cities: "Kupang",
    },
    Province {
        code: "61",
        name: "Kalimantan Barat",
        island: KALIMANTAN,
        density: 5,
        capital: 470,
        regencies: "Bengkayang, Kapuas Hulu, Kayong Utara, Ketapang, Kubu Raya, Landak, Melawi, \
                    Mempawah, Sambas, Sanggau, Sekadau, Sintang",
        cities: "Pontianak, Singkawang",
    },
    Province {
        code: "62",
        name: "Kalimantan Tengah",
        island: KALIMANTAN,
        density: 5,
        capital: 500,
        regencies: "Barito Selatan, Barito Timur, Barito Utara, Gunung Mas, Kapuas, Katingan, \
                    Kotawaringin Barat, Kotawaringin Timur, Lamandau, Murung Raya, Pulang Pisau, \
                    Seruyan, Sukamara",
        cities: "Palangka Raya",
    },
    Province {
        code: "63",
        name: "Kalimantan Selatan",
        island: KALIMANTAN,
        density: 5,
        capital: 530,
        regencies: "Balangan, Banjar, Barito Kuala, Hulu Sungai Selatan, Hulu Sungai Tengah, Hulu \
                    Sungai Utara, Kotabaru, Tabalong, Tanah Bumbu, Tanah Laut, Tapin",
        cities: "Banjarbaru, Banjarmasin",
    },
    Province {
        code: "64",
        name: "Kalimantan Timur",
        island: KALIMANTAN,
        density: 6,
        capital: 910,
        regencies: "Berau, Kutai Barat, Kutai Kartanegara, Kutai Timur, Mahakam Ulu, Paser, \
                    Penajam Paser Utara",
        cities: "Balikpapan, Bontang, Samarinda",
    },
    Province {
        code: "65",
        name: "Kalimantan Utara",
        island: KALIMANTAN,
        density: 5,
        capital: 590,
        regencies: "Bulungan, Malinau, Nunukan, Tana Tidung",
        cities: "Tarakan",
    },
    Province {
        code: "71",
        name: "Sulawesi Utara",
        island: SULAWESI,
        density: 5,
        capital: 380,
        regencies: "Bolaang Mongondow, Bolaang Mongondow Selatan, Bolaang Mongondow Timur, Bolaang \
                    Mongondow Utara, Kepulauan Sangihe, Kepulauan Siau Tagulandang Biaro, \
                    Kepulauan Talaud, Minahasa, Minahasa Selatan, Minahasa Tenggara, Minahasa \
                    Utara",
        cities: "Bitung, Kotamobagu, Manado, Tomohon",
    },
    Province {
        code: "72",
        name: "Sulawesi Tengah",
        island: SULAWESI,
        density: 4,
        capital: 430,
        regencies: "Banggai, Banggai Kepulauan, Banggai Laut, Buol, Donggala, Morowali, Morowali \
                    Utara, Parigi Moutong, Poso, Sigi, Tojo Una-Una, Tolitoli",
        cities: "Palu",
    },
    Province {
        code: "73",
        name: "Sulawesi Selatan",
        island: SULAWESI,
        density: 7,
        capital: 460,
        regencies: "Bantaeng, Barru, Bone, Bulukumba, Enrekang, Gowa, Jeneponto, Kepulauan \
                    Selayar, Luwu, Luwu Timur, Luwu Utara, Maros, Pangkajene dan Kepulauan, \
                    Pinrang, Sidenreng Rappang, Sinjai, Soppeng, Takalar, Tana Toraja, Toraja \
                    Utara, Wajo",
        cities: "Makassar, Palopo, Parepare",
    },
    Province {
        code: "74",
        name: "Sulawesi Tenggara",
        island: SULAWESI,
        density: 4,
        capital: 370,
        regencies: "Bombana, Buton, Buton Selatan, Buton Tengah, Buton Utara, Kolaka, Kolaka \
                    Timur, Kolaka Utara, Konawe, Konawe Kepulauan, Konawe Selatan, Konawe Utara, \
                    Muna, Muna Barat, Wakatobi",
        cities: "Baubau, Kendari",
    },
    Province {
        code: "75",
        name: "Gorontalo",
        island: SULAWESI,
        density: 4,
        capital: 280,
        regencies: "Boalemo, Bone Bolango, Gorontalo, Gorontalo Utara, Pohuwato",
        cities: "Gorontalo",
    },
    Province {
        code: "76",
        name: "Sulawesi Barat",
        island: SULAWESI,
        density: 4,
        capital: 250,
        regencies: "Majene, Mamasa, Mamuju, Mamuju Tengah, Pasangkayu, Polewali Mandar",
        cities: "",
    },
    Province {
        code: "81",
        name: "Maluku",
        island: MALUKU,
        density: 4,
        capital: 290,
        regencies: "Buru, Buru Selatan, Kepulauan Aru, Kepulauan Tanimbar, Maluku Barat Daya, \
                    Maluku Tengah, Maluku Tenggara, Seram Bagian Barat, Seram Bagian Timur",
        cities: "Ambon, Tual",
    },
    Province {
        code: "82",
        name: "Maluku Utara",
        island: MALUKU,
        density: 4,
        capital: 350,
        regencies: "Halmahera Barat, Halmahera Selatan, Halmahera Tengah, Halmahera Timur, \
                    Halmahera Utara, Kepulauan Sula, Pulau Morotai, Pulau Taliabu",
        cities: "Ternate, Tidore Kepulauan",
    },
    Province {
        code: "91",
        name: "Papua",
        island: PAPUA,
        density: 4,
        capital: 330,
        regencies: "Biak Numfor, Jayapura, Keerom, Kepulauan Yapen, Mamberamo Raya, Sarmi, \
                    Supiori, Waropen",
        cities: "Jayapura",
    },
    Province {
        code: "92",
        name: "Papua Barat",
        island: PAPUA,
        density: 4,
        capital: 490,
        regencies: "Fakfak, Kaimana, Manokwari, Manokwari Selatan, Pegunungan Arfak, Teluk \
                    Bintuni, Teluk Wondama",
        cities: "",
    },
    Province {
        code: "93",
        name: "Papua Selatan",
        island: PAPUA,
        density: 5,
        capital: 270,
        regencies: "Asmat, Boven Digoel, Mappi, Merauke",
        cities: "",
    },
    Province {
        code: "94",
        name: "Papua Tengah",
        island: PAPUA,
        density: 3,
        capital: 540,
        regencies: "Deiyai, Dogiyai, Intan Jaya, Mimika, Nabire, Paniai, Puncak, Puncak Jaya",
        cities: "",
    },
    Province {
        code: "95",
        name: "Papua Pegunungan",
        island: PAPUA,
        density: 3,
        capital: 210,
        regencies: "Jayawijaya, Lanny Jaya, Mamberamo Tengah, Nduga, Pegunungan Bintang, Tolikara, \
                    Yahukimo, Yalimo",
        cities: "",
    },
    Province {
        code: "96",
        name: "Papua Barat Daya",
        island: PAPUA,
        density: 4,
        capital: 320,
        regencies: "Maybrat, Raja Ampat, Sorong, Sorong Selatan, Tambrauw",
        cities: "Sorong",
    },
];
