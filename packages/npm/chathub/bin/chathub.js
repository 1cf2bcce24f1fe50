#!/usr/bin/env node
'use strict';

require('../lib/main.js')(process.argv.slice(2));
