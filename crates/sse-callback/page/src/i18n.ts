// The page's own words, in English and Indonesian.

const english = {
  title: "KAI",
  tagline: "Answers from your database, as they come",
  skip: "Skip to the conversation",
  language: "Language",
  conversation: "Conversation",
  sessions: "Recent sessions",
  noSessions: "No questions yet.",
  newSession: "New conversation",
  refresh: "Refresh",
  watchTitle: "Watch a session",
  watchHint: "Enter the id of a session to see its questions being answered.",
  watchLabel: "Session id",
  watch: "Watch",
  askTitle: "Ask a question",
  welcome: "What do you want to know?",
  welcomeHint: "Ask in English or Indonesian. Every step is shown as it happens; nothing in the database is changed.",
  question: "Your question",
  placeholder: "For example: how many customers are there?",
  database: "Database",
  noConnections: "No databases are set up. Add one with kai-worker connection create.",
  planFirst: "Show me the plan first",
  ask: "Ask",
  asking: "Sending…",
  asked: "Question",
  runNumber: "Run {n}",
  tokenTitle: "This session needs a token",
  tokenHint: "Paste the token that you were given. It is kept until you close this tab.",
  tokenLabel: "Token",
  tokenSend: "Open",
  link_connecting: "Connecting…",
  link_live: "Connected",
  link_lost: "Connection lost, trying again…",
  link_resting: "Resting",
  link_denied: "A token is needed",
  link_refused: "This session cannot be read",
  tryNow: "Try now",
  state_waiting: "Waiting for a worker…",
  state_working: "Working…",
  state_completed: "Answered",
  state_partial: "Answered in part",
  state_failed: "Not answered",
  state_cancelled: "Stopped",
  state_planning: "Making a plan…",
  state_awaiting_approval: "The plan waits for you",
  state_pausing: "Pausing…",
  state_paused: "Paused",
  state_stopping: "Stopping…",
  state_running: "Working…",
  state_terminated: "Terminated",
  state_timed_out: "Took too long",
  thinking: "Thinking",
  steps: "Steps",
  step: "step",
  oneStep: "1 step",
  stepsCount: "{n} steps",
  input: "Input",
  output: "Output",
  running: "running",
  done: "done",
  failed: "did not succeed",
  plan: "Plan",
  todo: "To-do list",
  todo_pending: "to do",
  todo_in_progress: "being done",
  todo_completed: "done",
  answer: "Answer",
  result: "Result",
  resultNumber: "Result {n}",
  rows: "{n} rows",
  oneRow: "1 row",
  noRows: "No rows",
  rowsShown: "the first {shown} of {n} rows",
  rowsMore: "{n} rows, and there are more",
  sortBy: "Sort by {column}",
  query: "SQL",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy",
  chart: "Chart: {y} by {x}",
  chartAlone: "Chart of {y}",
  chartTable: "The same figures are in the table.",
  suggestions: "You could ask next",
  useSuggestion: "Ask: {question}",
  gap: "Some events of this run are missing; the receiver no longer had them.",
  error: "Error",
  took: "{s} s",
  tookMs: "{ms} ms",
  empty: "NULL",
  accept: "Accept the plan",
  reject: "Reject",
  reason: "Reason (optional)",
  reasonPlan: "What should be different?",
  pause: "Pause",
  resume: "Resume",
  stop: "Stop",
  controls: "Steer this run",
  watching: "Waiting for the next question in this session.",
  none: "Nothing has happened in this session yet.",
  apiDown: "That did not work: {reason}",
  tool_sql_query: "Run a query",
  tool_list_tables: "List the tables",
  tool_describe_tables: "Look at tables",
  tool_search_schema: "Search tables and columns",
  tool_search_values: "Search values",
  tool_explain_query: "Check a query's plan",
  tool_draw_chart: "Draw a chart",
  tool_search_glossary: "Look into the glossary",
  tool_read_instructions: "Read the instructions",
  tool_find_verified_queries: "Look for verified queries",
  tool_load_skill: "Load a skill",
  tool_recall: "Recall",
  tool_remember: "Remember",
  tool_forget: "Forget",
  tool_ask_user: "Ask back",
  tool_write_todos: "Write the to-do list",
};

export type Word = keyof typeof english;
export type Language = "en" | "id";

const indonesian: Record<Word, string> = {
  title: "KAI",
  tagline: "Jawaban dari basis data Anda, langsung saat dikerjakan",
  skip: "Langsung ke percakapan",
  language: "Bahasa",
  conversation: "Percakapan",
  sessions: "Sesi terbaru",
  noSessions: "Belum ada pertanyaan.",
  newSession: "Percakapan baru",
  refresh: "Muat ulang",
  watchTitle: "Ikuti sebuah sesi",
  watchHint: "Masukkan id sesi untuk melihat pertanyaannya dijawab.",
  watchLabel: "Id sesi",
  watch: "Ikuti",
  askTitle: "Ajukan pertanyaan",
  welcome: "Apa yang ingin Anda ketahui?",
  welcomeHint: "Bertanyalah dalam bahasa Indonesia atau Inggris. Setiap langkah langsung terlihat; isi basis data tidak diubah.",
  question: "Pertanyaan Anda",
  placeholder: "Misalnya: ada berapa pelanggan?",
  database: "Basis data",
  noConnections: "Belum ada basis data. Tambahkan dengan kai-worker connection create.",
  planFirst: "Tunjukkan rencananya dulu",
  ask: "Tanyakan",
  asking: "Mengirim…",
  asked: "Pertanyaan",
  runNumber: "Pertanyaan {n}",
  tokenTitle: "Sesi ini memerlukan token",
  tokenHint: "Tempelkan token yang Anda terima. Token disimpan sampai tab ini ditutup.",
  tokenLabel: "Token",
  tokenSend: "Buka",
  link_connecting: "Menghubungkan…",
  link_live: "Terhubung",
  link_lost: "Sambungan terputus, mencoba lagi…",
  link_resting: "Istirahat",
  link_denied: "Token diperlukan",
  link_refused: "Sesi ini tidak dapat dibaca",
  tryNow: "Coba sekarang",
  state_waiting: "Menunggu worker…",
  state_working: "Sedang dikerjakan…",
  state_completed: "Terjawab",
  state_partial: "Terjawab sebagian",
  state_failed: "Tidak terjawab",
  state_cancelled: "Dihentikan",
  state_planning: "Menyusun rencana…",
  state_awaiting_approval: "Rencana menunggu Anda",
  state_pausing: "Sedang dijeda…",
  state_paused: "Dijeda",
  state_stopping: "Sedang dihentikan…",
  state_running: "Sedang dikerjakan…",
  state_terminated: "Diakhiri paksa",
  state_timed_out: "Terlalu lama",
  thinking: "Pemikiran",
  steps: "Langkah",
  step: "langkah",
  oneStep: "1 langkah",
  stepsCount: "{n} langkah",
  input: "Masukan",
  output: "Keluaran",
  running: "berjalan",
  done: "selesai",
  failed: "tidak berhasil",
  plan: "Rencana",
  todo: "Daftar tugas",
  todo_pending: "belum",
  todo_in_progress: "sedang dikerjakan",
  todo_completed: "selesai",
  answer: "Jawaban",
  result: "Hasil",
  resultNumber: "Hasil {n}",
  rows: "{n} baris",
  oneRow: "1 baris",
  noRows: "Tidak ada baris",
  rowsShown: "{shown} baris pertama dari {n}",
  rowsMore: "{n} baris, dan masih ada lagi",
  sortBy: "Urutkan menurut {column}",
  query: "SQL",
  copy: "Salin",
  copied: "Tersalin",
  copyFailed: "Gagal menyalin",
  chart: "Grafik: {y} menurut {x}",
  chartAlone: "Grafik {y}",
  chartTable: "Angka yang sama ada di tabel.",
  suggestions: "Anda bisa bertanya",
  useSuggestion: "Tanyakan: {question}",
  gap: "Beberapa kejadian hilang; penerima tidak menyimpannya lagi.",
  error: "Kesalahan",
  took: "{s} d",
  tookMs: "{ms} md",
  empty: "NULL",
  accept: "Setujui rencana",
  reject: "Tolak",
  reason: "Alasan (opsional)",
  reasonPlan: "Apa yang harus berbeda?",
  pause: "Jeda",
  resume: "Lanjutkan",
  stop: "Hentikan",
  controls: "Kendalikan proses ini",
  watching: "Menunggu pertanyaan berikutnya di sesi ini.",
  none: "Belum ada yang terjadi di sesi ini.",
  apiDown: "Tidak berhasil: {reason}",
  tool_sql_query: "Menjalankan kueri",
  tool_list_tables: "Mendaftar tabel",
  tool_describe_tables: "Melihat tabel",
  tool_search_schema: "Mencari tabel dan kolom",
  tool_search_values: "Mencari nilai",
  tool_explain_query: "Memeriksa rencana kueri",
  tool_draw_chart: "Menggambar grafik",
  tool_search_glossary: "Melihat glosarium",
  tool_read_instructions: "Membaca petunjuk",
  tool_find_verified_queries: "Mencari kueri terverifikasi",
  tool_load_skill: "Memuat keahlian",
  tool_recall: "Mengingat kembali",
  tool_remember: "Mengingat",
  tool_forget: "Melupakan",
  tool_ask_user: "Bertanya balik",
  tool_write_todos: "Menulis daftar tugas",
};

const STORED = "kai-language";

let language: Language = chosen();

/** What was chosen before, or else what the browser asks for. */
function chosen(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "id") return stored;
  // `in` is what Indonesian was called before 1989, which some devices still say.
  const first = navigator.languages.find((tag) => /^(en|id|in)\b/i.test(tag)) ?? "en";
  return /^en/i.test(first) ? "en" : "id";
}

export function current(): Language {
  return language;
}

/** Chooses a language, also for the next visit. */
export function choose(wanted: Language): void {
  language = wanted;
  localStorage.setItem(STORED, wanted);
}

/** A text with its `{places}` filled in. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  const text = (language === "id" ? indonesian : english)[word];
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** What people call a tool; an unknown one keeps its name. */
export function toolName(tool: string): string {
  const word = `tool_${tool}`;
  return word in english ? t(word as Word) : tool;
}

/** A number as people write it here. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** A number on an axis, where room is scarce: 1.2B, or 1,2 M (miliar). */
export function compact(value: number): string {
  const notation = Math.abs(value) < 100_000 ? "standard" : "compact";
  return new Intl.NumberFormat(language, { notation, maximumFractionDigits: 2 }).format(value);
}

export function locale(): string {
  return language === "id" ? "id-ID" : "en-GB";
}

/** A duration, in milliseconds. */
export function duration(milliseconds: number): string {
  return milliseconds < 1_000
    ? t("tookMs", { ms: number(Math.round(milliseconds)) })
    : t("took", { s: number(milliseconds / 1_000, 1) });
}
