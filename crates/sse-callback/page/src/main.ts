// The page: puts the session that the address names on the screen.

import "./style.css";

import { App } from "./app";
import { takeFromAddress } from "./token";

takeFromAddress();
const place = document.getElementById("app");
if (place) new App(place).start();
