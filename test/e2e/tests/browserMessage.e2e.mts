import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepPhonePicture } from '../browser/phone.mts';
import { imageFolder } from '../setup/folders.mts';

// test/engine/syncReport.test.mts checks that a run sends this text: Chinese, then the same number of lines in English.
const message = await readFile(join(imageFolder, 'message.txt'), 'utf8');
const lines = message.trimEnd().split('\n');
const half = lines.length / 2;

test('The message in the README fits a phone in both languages.', async () => {
	assert.ok(Number.isInteger(half) && half >= 3, 'the languages differ in their number of lines');
	const english = {
		group: 'IoT operations (8)',
		sender: 'n8n',
		time: 'Tuesday 09:15',
		lines: lines.slice(half),
	};
	await keepPhonePicture(english, 'message');
	const chinese = {
		group: '物联网运维（8）',
		sender: 'n8n',
		time: '星期二 09:15',
		lines: lines.slice(0, half),
	};
	await keepPhonePicture(chinese, 'message.zh');
});
