//! Names of people and cooperatives, awkward ones included: apostrophes, accents, long dashes.

use crate::random::Random;

const FEMALE: &[&str] = &[
    "Siti",
    "Dewi",
    "Sri",
    "Nur'aini",
    "Ratna",
    "Ayu",
    "Wulan",
    "Fitri",
    "Rina",
    "Yuliana",
    "Endang",
    "Maria",
    "Kartini",
    "Lestari",
    "Indah",
    "Putri",
    "Aisyah",
    "Khadijah",
    "Renée",
    "Made Ayu",
    "Ni Luh",
    "Tuti",
    "Sulastri",
    "Mega",
    "Intan",
    "Rahma",
    "Zahra",
    "Theresia",
    "Yohana",
    "Dian",
    "Ni'mah",
    "Lina",
    "Novita",
    "Sumiati",
    "Marlina",
    "Rosmawati",
    "Halimah",
    "Cut Nyak",
    "Anita",
    "Désirée",
    "Wahyuni",
    "Murni",
    "Suryani",
    "Hasnah",
    "Nengah",
    "Agustina",
    "Retno",
    "Eka",
];

const MALE: &[&str] = &[
    "Budi", "Agus", "Ahmad", "Muhammad", "Slamet", "Joko", "Bambang", "Eko", "Dedi", "Hendra",
    "I Wayan", "I Made", "Ma'ruf", "Asep", "Ujang", "Yusuf", "Ibrahim", "Rudi", "Andi", "Daeng",
    "Yohanes", "Petrus", "Markus", "Sutrisno", "Suparman", "Wahyu", "Rizky", "Fajar", "Hasan",
    "Husein", "Teuku", "Tengku", "Rahmat", "Iwan", "Dwi", "Tri", "Jum'an", "Bayu", "Arif", "Gede",
    "Ketut", "Nyoman", "Robertus", "Syarif", "Zainal", "Umar", "Mulyadi", "Kornelis", "José",
];

const SECOND: &[&str] = &[
    "", "", "", "Adi", "Nur", "Putra", "Sari", "Kusuma", "Dwi", "Tri", "Surya", "Bagus", "Mulia",
    "Permata", "Cahya", "Jaya",
];

const FAMILY: &[&str] = &[
    "Santoso",
    "Wijaya",
    "Hidayat",
    "Nasution",
    "Siregar",
    "Simanjuntak",
    "Lubis",
    "Harahap",
    "Pratama",
    "Saputra",
    "Kurniawan",
    "Setiawan",
    "Gunawan",
    "Susanto",
    "Wibowo",
    "Rahman",
    "Maulana",
    "Firmansyah",
    "Ramadhan",
    "Suryadi",
    "Purnomo",
    "Hartono",
    "Utomo",
    "Nugroho",
    "Permana",
    "Iskandar",
    "Syahputra",
    "Tanjung",
    "Pane",
    "Sinaga",
    "Ginting",
    "Tarigan",
    "Manurung",
    "Situmorang",
    "Pangaribuan",
    "Lestaluhu",
    "Pattimura",
    "Matulessy",
    "Wanggai",
    "Kogoya",
    "Wenda",
    "Tabuni",
    "Rumbiak",
    "Da Costa",
    "D'Almeida",
    "Nuñez",
    "Lamabelawa",
    "Mangunsong",
    "Palit",
    "Rondonuwu",
    "Tumbuan",
    "Lasut",
    "Basri",
    "Daud",
    "Halim",
    "Salim",
    "Anwar",
    "Mahmud",
    "Prasetyo",
    "Widodo",
    "Handoko",
    "Suharto",
    "Sudrajat",
    "Suherman",
];

const VIRTUES: &[&str] = &[
    "Sejahtera",
    "Makmur",
    "Mandiri",
    "Sumber Rejeki",
    "Jum'at Berkah",
    "Mu'amalah",
    "Karya Bersama",
    "Usaha Maju",
    "Mitra Abadi",
    "Bina Warga",
    "Tani Subur",
    "Bahari Jaya",
    "Harapan Baru",
    "Gotong Royong",
    "Nusantara",
    "Amanah",
    "Al-Ma'un",
    "Barokah",
    "Guyub Rukun",
    "Mekar Sari",
    "Sinar Pagi",
    "Cahaya Timur",
    "Tunas Muda",
    "Melati",
    "Kencana",
    "Budi Luhur",
    "Swadaya",
    "Sido Muncul",
    "Rukun Santoso",
    "Puspa Dewi",
    "Wana Lestari",
    "Café Rakyat",
    "El Niño Tangguh",
    "Dharma Wanita",
    "Bhakti Husada",
    "Citra Lestari",
    "Mutiara",
    "Samudra",
    "Bintang Laut",
    "Panca Usaha",
    "Sapta Karya",
    "Tirta Kencana",
    "Giri Mulya",
    "Loh Jinawi",
    "Sari Bumi",
];

const GROUPS: &[&str] = &[
    "Pegawai – Dinas Pertanian",
    "Karyawan – PT Kopi Señorita",
    "Guru – SMA Negeri 1",
    "Pegawai – Rumah Sakit Umum",
    "Nelayan – Pelabuhan Lama",
    "Pedagang – Pasar Jum'at",
    "Petani – Kelompok Tani Résolusi",
    "Pengrajin – Batik & Tenun",
];

/// A person's name.
pub(crate) fn person(random: &mut Random, female: bool) -> String {
    let given = random.pick(if female { FEMALE } else { MALE }, "Budi");
    let second = random.pick(SECOND, "");
    let family = random.pick(FAMILY, "Santoso");
    if second.is_empty() {
        format!("{given} {family}")
    } else {
        format!("{given} {second} {family}")
    }
}

/// The name of a cooperative of a kind at a place; other ones may have the same.
pub(crate) fn cooperative(random: &mut Random, kind: &str, place: &str) -> String {
    if random.chance(8) {
        return format!("Koperasi {} {place}", random.pick(GROUPS, "Pegawai"));
    }
    let virtue = random.pick(VIRTUES, "Sejahtera");
    match random.below(5) {
        0 => format!("Koperasi {virtue} {place}"),
        1 if kind == "Simpan Pinjam" => format!("KSP {virtue} {place}"),
        1 if kind == "Produsen" => format!("KUD {virtue} {place}"),
        _ => format!("Koperasi {kind} {virtue} {place}"),
    }
}
