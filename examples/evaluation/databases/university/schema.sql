-- A university: CamelCase names, foreign keys declared, a prerequisite that refers to its own table.
CREATE TABLE Faculty (FacultyId INTEGER PRIMARY KEY, FacultyName TEXT NOT NULL, FoundedYear INTEGER NOT NULL, DeanLecturerId INTEGER);
CREATE TABLE StudyProgram (
  ProgramId INTEGER PRIMARY KEY, ProgramName TEXT NOT NULL, Degree TEXT NOT NULL, FacultyId INTEGER NOT NULL REFERENCES Faculty (FacultyId), AnnualTuition NUMERIC(10, 2) NOT NULL);
CREATE TABLE Lecturer (
  LecturerId INTEGER PRIMARY KEY, FullName TEXT NOT NULL, AcademicRank TEXT NOT NULL, FacultyId INTEGER NOT NULL REFERENCES Faculty (FacultyId), OfficeRoom TEXT, JoinedYear INTEGER NOT NULL);
CREATE TABLE Student (
  StudentId INTEGER PRIMARY KEY, FullName TEXT NOT NULL, Gender TEXT NOT NULL, HomeTown TEXT NOT NULL, ProgramId INTEGER NOT NULL REFERENCES StudyProgram (ProgramId),
  EntryYear INTEGER NOT NULL, Gpa REAL, Status TEXT NOT NULL);
CREATE TABLE Course (
  CourseCode TEXT PRIMARY KEY, Title TEXT NOT NULL, Credits INTEGER NOT NULL, ProgramId INTEGER NOT NULL REFERENCES StudyProgram (ProgramId), PrerequisiteCode TEXT REFERENCES Course (CourseCode));
CREATE TABLE ClassSection (
  SectionId INTEGER PRIMARY KEY, CourseCode TEXT NOT NULL REFERENCES Course (CourseCode), LecturerId INTEGER NOT NULL REFERENCES Lecturer (LecturerId),
  Semester TEXT NOT NULL, AcademicYear INTEGER NOT NULL, RoomId INTEGER NOT NULL REFERENCES Room (RoomId), Capacity INTEGER NOT NULL);
CREATE TABLE Room (RoomId INTEGER PRIMARY KEY, RoomName TEXT NOT NULL, Building TEXT NOT NULL, Seats INTEGER NOT NULL, HasProjector INTEGER NOT NULL);
CREATE TABLE Enrollment (
  StudentId INTEGER NOT NULL REFERENCES Student (StudentId), SectionId INTEGER NOT NULL REFERENCES ClassSection (SectionId), FinalGrade TEXT, Score REAL,
  PRIMARY KEY (StudentId, SectionId));
CREATE TABLE Scholarship (ScholarshipId INTEGER PRIMARY KEY, ScholarshipName TEXT NOT NULL, Sponsor TEXT NOT NULL, MonthlyAmount NUMERIC(10, 2) NOT NULL);
CREATE TABLE ScholarshipAward (
  AwardId INTEGER PRIMARY KEY, ScholarshipId INTEGER NOT NULL REFERENCES Scholarship (ScholarshipId), StudentId INTEGER NOT NULL REFERENCES Student (StudentId), AwardedOn DATE NOT NULL);
CREATE TABLE Thesis (
  ThesisId INTEGER PRIMARY KEY, StudentId INTEGER NOT NULL UNIQUE REFERENCES Student (StudentId), AdvisorId INTEGER NOT NULL REFERENCES Lecturer (LecturerId),
  Title TEXT NOT NULL, SubmittedOn DATE, Grade TEXT);
