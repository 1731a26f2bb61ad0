//! The live page as it is served; `scripts/test-page` tries it in a browser.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};

use crate::support::{Receiver, soon};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page");

#[tokio::test]
async fn the_page_may_do_nothing_but_show_what_this_receiver_has() {
    let receiver = Receiver::start().await;
    let page = soon(receiver.get("/?session=s").send()).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["cache-control"], "no-cache");
    let page = soon(page.text()).await.unwrap();
    // Nothing from elsewhere, and nothing that the policy would refuse.
    assert!(!page.contains("http"), "{page}");
    assert!(!page.contains("<style"), "{page}");
    for script in page.split("<script").skip(1) {
        assert!(script.contains(" src=\"/assets/"), "{script}");
    }
    for file in page.split("\"/assets/").skip(1) {
        let file = file.split('"').next().unwrap();
        let url = format!("/assets/{file}");
        let answer = soon(receiver.get(&url).send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{url}");
    }
}

#[tokio::test]
async fn the_page_is_sent_compressed_and_once() {
    let receiver = Receiver::start().await;
    let get = || receiver.get("/assets/page.js");
    let plain = soon(get().send()).await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let length = soon(plain.bytes()).await.unwrap().len();
    let gzip = get().header("accept-encoding", "gzip");
    let small = soon(gzip.send()).await.unwrap();
    assert_eq!(small.headers()["content-encoding"], "gzip");
    assert_eq!(small.headers()["vary"], "accept-encoding");
    let tag = small.headers()["etag"].clone();
    let smaller = soon(small.bytes()).await.unwrap().len();
    assert!(smaller * 2 < length, "{smaller} of {length} bytes");
    let again = get()
        .header("accept-encoding", "gzip")
        .header("if-none-match", tag);
    let again = soon(again.send()).await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(soon(again.bytes()).await.unwrap().is_empty());
}

#[test]
fn the_bundle_was_made_from_the_sources_that_are_here() {
    let root = Path::new(SOURCES);
    let fixed = [
        "index.html",
        "package-lock.json",
        "package.json",
        "tsconfig.json",
        "vite.config.ts",
    ];
    let mut files: Vec<PathBuf> = fixed.iter().map(|name| root.join(name)).collect();
    collect(&root.join("public"), &mut files);
    collect(&root.join("src"), &mut files);
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            (name.to_owned(), path)
        })
        .collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, path) in named {
        let content = fs::read(path).unwrap();
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(content);
    }
    let mut written = String::new();
    for byte in hash.finalize() {
        write!(written, "{byte:02x}").unwrap();
    }
    let stamp = fs::read_to_string(root.join("dist/sources.sha256")).unwrap();
    assert_eq!(
        stamp.trim(),
        written,
        "run `make page` and commit its result"
    );
}

#[test]
fn the_list_of_packages_names_no_registry() {
    let lock = fs::read_to_string(Path::new(SOURCES).join("package-lock.json")).unwrap();
    assert!(!lock.contains("\"resolved\""));
    assert!(lock.contains("\"integrity\""));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
