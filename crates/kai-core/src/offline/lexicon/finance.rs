//! The lexicon's finance: banking, insurance, accounting.

use super::Entry;
use super::Nature::{Mass, Thing};

/// Nature, English forms, Indonesian forms.
pub(super) const ENTRIES: &[Entry] = &[
    // Banking
    (Thing, "teller|cashier", "kasir|teller"),
    (Thing, "card|bank card", "kartu"),
    (Thing, "credit card", "kartu kredit"),
    (Thing, "debit card", "kartu debit"),
    (
        Thing,
        "atm|cash machine|cash dispenser",
        "atm|anjungan tunai mandiri",
    ),
    (Thing, "bank account|account", "rekening|akun"),
    (Thing, "account number", "nomor rekening|no rekening"),
    (
        Thing,
        "account type|kind of account",
        "jenis rekening|tipe rekening",
    ),
    (
        Thing,
        "checking account|current account",
        "giro|rekening giro",
    ),
    (Thing, "savings account", "rekening tabungan|tabungan"),
    (
        Thing,
        "time deposit|term deposit|fixed deposit",
        "deposito|deposito berjangka",
    ),
    (
        Thing,
        "transfer|transferred|remittance|wire transfer",
        "transfer|ditransfer|pengiriman uang",
    ),
    (Thing, "deposited|pay in|paid in", "disetor|menyetor|setor"),
    (
        Thing,
        "withdrawn|withdrew|withdraw|cash withdrawal",
        "ditarik|menarik|tarik tunai|penarikan tunai",
    ),
    (Mass, "overdraft", "cerukan"),
    (
        Thing,
        "mortgage|home loan|housing loan",
        "kpr|kredit rumah|kredit pemilikan rumah",
    ),
    (Thing, "guarantor|surety", "penjamin"),
    (
        Thing,
        "disbursed|disbursement|disburse|paid out",
        "dicairkan|pencairan|cair|disalurkan|penyaluran",
    ),
    (
        Thing,
        "repayment|repaid|repay|loan payment",
        "pelunasan|pembayaran pinjaman|angsuran|cicilan",
    ),
    (Mass, "principal amount|principal", "pokok pinjaman|pokok"),
    (
        Mass,
        "outstanding balance|remaining balance|outstanding",
        "sisa pinjaman|sisa utang|sisa",
    ),
    (Mass, "minimum balance", "saldo minimum"),
    (
        Mass,
        "monthly fee|admin fee|administration fee",
        "biaya bulanan|biaya administrasi|biaya admin",
    ),
    (Mass, "exchange rate|rate of exchange", "kurs|nilai tukar"),
    (
        Mass,
        "appraised value|appraisal|valuation|assessed value",
        "nilai taksiran|taksiran|penilaian",
    ),
    (
        Thing,
        "blocked|block|locked",
        "diblokir|blokir|terkunci|dikunci",
    ),
    (Thing, "dormant", "dorman|tidur"),
    (Thing, "segment|customer segment", "segmen"),
    (Thing, "credit score|credit rating", "skor kredit"),
    (Thing, "fraud|fraudulent", "penipuan|curang"),
    (
        Thing,
        "loan officer|credit officer|account officer",
        "petugas kredit|petugas pinjaman",
    ),
    (Thing, "creditor|lender", "kreditur|pemberi pinjaman"),
    (Thing, "cheque|check", "cek"),
    (Thing, "swift code|routing number", "kode bank"),
    (Thing, "stock exchange|bourse", "bursa|bursa efek"),
    (Thing, "bond", "obligasi|surat utang"),
    (Thing, "mutual fund", "reksa dana|reksadana"),
    (Thing, "portfolio", "portofolio"),
    (Thing, "shareholder|stockholder", "pemegang saham"),
    // Insurance
    (
        Thing,
        "insurance policy|policy|policies",
        "polis|polis asuransi",
    ),
    (Thing, "policy number", "nomor polis|no polis"),
    (
        Thing,
        "policyholder|policy holder|insured person|insured",
        "pemegang polis|tertanggung|diasuransikan",
    ),
    (
        Mass,
        "premium|insurance premium|premiums",
        "premi|premi asuransi",
    ),
    (
        Mass,
        "sum insured|insured amount|sum assured|coverage amount|insured sum",
        "uang pertanggungan|nilai pertanggungan|jumlah pertanggungan",
    ),
    (
        Thing,
        "coverage|cover|covered",
        "pertanggungan|cakupan|ditanggung",
    ),
    (
        Thing,
        "beneficiary|beneficiaries|heir",
        "ahli waris|penerima manfaat",
    ),
    (
        Thing,
        "agent|insurance agent|broker",
        "agen|agen asuransi|pialang|makelar",
    ),
    (Thing, "claimant", "pengaju klaim|pemohon klaim"),
    (
        Thing,
        "claim cause|cause of claim|cause of loss",
        "sebab klaim|penyebab klaim",
    ),
    (
        Mass,
        "claimed amount|amount claimed|requested amount|amount requested",
        "jumlah diajukan|nilai diajukan|jumlah pengajuan|nilai pengajuan",
    ),
    (
        Mass,
        "approved amount|amount approved",
        "jumlah disetujui|nilai disetujui",
    ),
    (
        Thing,
        "surveyor|loss adjuster|adjuster|assessor",
        "surveyor|penilai|juru taksir",
    ),
    (Thing, "workshop|garage|repair shop|body shop", "bengkel"),
    (Thing, "underwriter", "penjamin emisi|underwriter"),
    (Mass, "deductible|own risk|excess", "risiko sendiri"),
    (
        Thing,
        "renewal|renewed|renew",
        "perpanjangan|diperpanjang|memperpanjang",
    ),
    (Thing, "lapse|lapsed", "lewat waktu|kedaluwarsa"),
    (Thing, "life insurance|life", "asuransi jiwa|jiwa"),
    (Thing, "health insurance", "asuransi kesehatan"),
    (
        Thing,
        "vehicle insurance|motor insurance|car insurance",
        "asuransi kendaraan|asuransi mobil",
    ),
    (
        Thing,
        "theft|stolen|burglary",
        "pencurian|dicuri|kecurian|kehilangan",
    ),
    (Thing, "collision", "tabrakan|kecelakaan"),
    (
        Thing,
        "licence plate|license plate|plate number|number plate|registration number",
        "nomor polisi|plat nomor|nopol|pelat nomor",
    ),
    (
        Thing,
        "relationship|relation|related",
        "hubungan|hubungan keluarga",
    ),
    (Thing, "commission|commission rate", "komisi"),
    (Thing, "risk|hazard", "risiko|bahaya"),
    (
        Thing,
        "event date|occurred|occurrence|incident date",
        "kejadian|tanggal kejadian|terjadi",
    ),
    (
        Thing,
        "filed|file|submitted|submission|submit|lodged",
        "diajukan|pengajuan|mengajukan|dimasukkan",
    ),
    (Thing, "make|car make", "merek|merk"),
    // Accounting
    (Thing, "ledger|general ledger|journal", "buku besar|jurnal"),
    (Thing, "entry|journal entry", "ayat jurnal|entri"),
    (Mass, "debit", "debet|debit"),
    (Mass, "margin|markup|profit margin", "margin|marjin"),
    (Mass, "depreciation", "penyusutan|depresiasi"),
    (Mass, "turnover tax|income tax", "pajak penghasilan|pph"),
    (
        Thing,
        "fiscal year|financial year|budget year",
        "tahun anggaran|tahun fiskal",
    ),
    (Thing, "cost center|cost centre", "pusat biaya"),
    (Thing, "audit|auditor", "audit|auditor"),
];
