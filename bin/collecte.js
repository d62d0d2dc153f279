#!/usr/bin/env node
import { makeReady } from "../scripts/ready.mjs";

makeReady();
await import("../dist/src/cli/main.js");
