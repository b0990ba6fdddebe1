import { expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const names = '客户编号,设备序列号,设备ID,产品名称';
const thisFile = import.meta.filename;
const rows = (content: string | Uint8Array) => ['--rows', temporaryCsv(content)];
const keys = { TENCENT_IOT_APP_KEY: 'K', TENCENT_IOT_APP_SECRET: 'S' };

test.each<[string[], string | RegExp, NodeJS.ProcessEnv?]>([
	[['--bogus'], "Unknown option '--bogus'; see --help."],
	[['extra'], "Unexpected argument 'extra'; see --help."],
	[['--rows'], "Option '--rows <value>' argument missing; see --help."],
	[['--rule', 'xml'], '--rule must be one of json, goFmt, scalarsOnly, flattened, jsString, not "xml".'],
	[['--envelope', ''], '--envelope must be one of response, outer, bare, not "".'],
	[['--column', 'Foo=客户'], /^--column must be one of CustomerId, .* not "Foo=客户"\.$/],
	[['--column', 'DeviceId'], /^--column must be one of CustomerId, .* not "DeviceId"\.$/],
	[['--live', '--endpoint', 'https://example.com/'], '--live and --endpoint exclude each other.', keys],
	[['--memory', 'folder'], /^--memory is for --sync: a push sends every customer/],
	[['--sync', '--dry-run'], '--sync and --dry-run exclude each other.'],
	[['--sync', '--memory', ''], '--memory must name a folder.'],
	[['--sync', '--memory', 'folder'], /^--memory needs --endpoint with a simulator that keeps running/],
	[['--sync', '--live'], /^--sync with --endpoint or --live needs --memory <folder>/, keys],
	[['--sync', '--endpoint', 'http://localhost:1/'], /^--sync with --endpoint or --live needs --memory/],
	[
		['--sync', '--memory', thisFile, '--endpoint', 'http://localhost:1/'],
		`Cannot keep the memory in ${thisFile}: it is a file and must be a folder.`,
	],
	[
		['--sync', '--memory', join(thisFile, 'in'), '--endpoint', 'http://localhost:1/'],
		/: a part of its path is a file\.$/,
	],
	[
		['--sync', '--memory', '/proc/self/task', '--endpoint', 'http://localhost:1/'],
		/^Cannot keep the memory in \/proc\/self\/task: (nothing can be written there|you are not allowed)/,
	],
	[['--live', '--rule', 'json'], /^--rule and --envelope are for the simulator of the run/, keys],
	[
		['--live'],
		"--live needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.",
	],
	[
		['--live'],
		"--live needs your application's key and secret: set TENCENT_IOT_APP_SECRET.",
		{ TENCENT_IOT_APP_KEY: 'K', TENCENT_IOT_APP_SECRET: ' ' },
	],
	[['--endpoint', 'https://example.com/'], /^This endpoint needs .* TENCENT_IOT_APP_KEY and TENCENT_IOT_APP/],
	[['--live'], '--live needs your own rows: give the file with --rows. The example is invented.', keys],
	[['--live', '--dry-run'], /^--live needs your own rows: give the file with --rows\./, keys],
	[
		['--endpoint', 'https://example.com/'],
		'This endpoint needs your own rows: give the file with --rows. The example is invented.',
		keys,
	],
	[['--endpoint', 'nowhere'], /^--endpoint "nowhere" cannot be used: it is not a web address/],
	[
		['--endpoint', 'http://example.com/'],
		/cannot be used: it must start with https:\/\/, or with http/,
		keys,
	],
	[['--endpoint', 'https://u:p@example.com/'], '--endpoint must not hold a login.', keys],
	[['--endpoint', 'https://example.com/?a=1'], /it must have no query and no fragment\.$/, keys],
	[['--rows', '/nowhere/rows.csv'], 'Cannot read /nowhere/rows.csv: there is no such file.'],
	[['--rows', tmpdir()], `Cannot read ${tmpdir()}: it is a folder.`],
	[
		rows(`${names}\n"A1,1,P/D,锁\n`),
		/^rows-1\.csv is no CSV file: the quotation mark that opens in line 2 is never/,
	],
	[
		rows(`${names}\nA1,1,P/D,锁,16A\n`),
		/^rows-2\.csv is no CSV file: line 2 has 5 values, more than there are .* the separator \(,\) in/,
	],
	[
		rows('{}\n'),
		'rows-3.csv has one column only, {}: its first line has no comma, semicolon or tab between names. Use one of them, or say in a line above what it is, such as sep=|.',
	],
	[rows(''), 'rows-4.csv is empty.'],
	[
		rows('客户编号;设备ID\n"x\ny";1\n'),
		/^rows-5\.csv has no column 设备序列号 .*; read as UTF-8, separated by ;, it has 客户编号, 设备ID\.$/,
	],
	[rows(`${names},设备ID\n`), 'rows-6.csv has the column 设备ID 2 times; DeviceId needs one.'],
	[rows(`\ufeff${names}\r\n\r\n`), 'rows-7.csv has no rows below its column names.'],
	[
		rows('客户编号,客户ID,设备SN,设备ID,产品名称\nA1,A1,1,P/D,锁\n'),
		'rows-8.csv has more than one column for CustomerId, 客户编号, 客户ID: choose it with --column CustomerId=<column>.',
	],
	[
		rows('客户编号,设备编号,设备ID,产品名称\nA1,1,P/D,锁\n'),
		'rows-9.csv has no column that is CustomerDeviceNo for sure; 设备编号 may hold it: choose it with --column CustomerDeviceNo=<column>.',
	],
	[['--column', 'ProductName=a\nb'], /^crm-devices\.csv has no column a b for ProductName/],
])('%j is refused with 2 and one sentence', async (args, sentence, environment = {}) => {
	const { exitCode, stdout, stderr } = await start(args, environment);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	const [line, ...rest] = stderr.split('\n');
	expect(rest).toEqual(['']);
	if (typeof sentence === 'string') expect(line).toBe(sentence);
	else expect(line).toMatch(sentence);
});

test('--help names a command that runs on every Node.js that may start it', async () => {
	const { stdout } = await start(['--help']);
	const [command = ''] = /npm start [^)]*/.exec(stdout) ?? [];
	expect(command).toBe('npm start --silent -- --json');
	expect(stdout).not.toContain('node start');
});

test('--help names every flag and ends with 0', async () => {
	const { exitCode, stdout, stderr } = await start(['--help']);
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	const flags = 'rows column dry-run json strict help sync memory rule envelope endpoint live'.split(' ');
	for (const flag of flags) expect(stdout).toContain(`  --${flag} `);
});
