-- A catalogue of films and music: a many-to-many link with a role, self-explaining but terse column names, foreign keys declared.
CREATE TABLE genre (genre_id INTEGER PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE studio (studio_id INTEGER PRIMARY KEY, title TEXT NOT NULL, city TEXT, founded INTEGER);
CREATE TABLE person (person_id INTEGER PRIMARY KEY, name TEXT NOT NULL, born INTEGER, nationality TEXT);
CREATE TABLE film (film_id INTEGER PRIMARY KEY, title TEXT NOT NULL, released INTEGER NOT NULL, runtime INTEGER NOT NULL, genre_id INTEGER NOT NULL REFERENCES genre, studio_id INTEGER REFERENCES studio, budget_musd REAL, gross_musd REAL, rating TEXT, stars REAL);
CREATE TABLE film_credit (film_id INTEGER NOT NULL REFERENCES film, person_id INTEGER NOT NULL REFERENCES person, role TEXT NOT NULL, PRIMARY KEY (film_id, person_id, role));
CREATE TABLE award (award_id INTEGER PRIMARY KEY, film_id INTEGER NOT NULL REFERENCES film, ceremony TEXT NOT NULL, category TEXT NOT NULL, year INTEGER NOT NULL, won INTEGER NOT NULL);
CREATE TABLE artist (artist_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, formed INTEGER, is_band INTEGER NOT NULL);
CREATE TABLE album (album_id INTEGER PRIMARY KEY, title TEXT NOT NULL, artist_id INTEGER NOT NULL REFERENCES artist, year INTEGER NOT NULL, label TEXT);
CREATE TABLE track (track_id INTEGER PRIMARY KEY, title TEXT NOT NULL, album_id INTEGER NOT NULL REFERENCES album, track_no INTEGER NOT NULL, seconds INTEGER NOT NULL, explicit INTEGER NOT NULL);
CREATE TABLE listener (listener_id INTEGER PRIMARY KEY, nickname TEXT NOT NULL, country TEXT NOT NULL, joined DATE NOT NULL, plan TEXT NOT NULL);
CREATE TABLE play (play_id INTEGER PRIMARY KEY, listener_id INTEGER NOT NULL REFERENCES listener, track_id INTEGER NOT NULL REFERENCES track, played_at TIMESTAMP NOT NULL, device TEXT NOT NULL);
CREATE TABLE playlist (playlist_id INTEGER PRIMARY KEY, title TEXT NOT NULL, listener_id INTEGER NOT NULL REFERENCES listener, public INTEGER NOT NULL);
CREATE TABLE playlist_track (playlist_id INTEGER NOT NULL REFERENCES playlist, position INTEGER NOT NULL, track_id INTEGER NOT NULL REFERENCES track, PRIMARY KEY (playlist_id, position));
