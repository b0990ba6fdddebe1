import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { e2eFolder } from '../setup/folders.mts';
import type { MachinePart } from '../setup/machinePart.mts';
import { CannotStart } from '../setup/stopMessage.mts';

// What is used of playwright-core, which is installed on demand: the checkout is type-checked without it.

interface Waiting {
	readonly timeout?: number;
}

/** Where an element is in the window. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

interface Finding {
	getByTestId(id: string): Locator;
	getByText(text: string | RegExp, options?: { exact: boolean }): Locator;
	locator(selector: string, options?: { hasText: string | RegExp }): Locator;
}

/** Elements of the page, found anew at each use. */
export interface Locator extends Finding {
	click(options?: Waiting): Promise<void>;
	dblclick(options?: Waiting): Promise<void>;
	dispatchEvent(type: string, init?: object, options?: Waiting): Promise<void>;
	fill(text: string): Promise<void>;
	press(key: string): Promise<void>;
	selectOption(label: string): Promise<unknown>;
	setInputFiles(path: string): Promise<void>;
	hover(): Promise<void>;
	all(): Promise<Locator[]>;
	first(): Locator;
	last(): Locator;
	or(other: Locator): Locator;
	filter(options: { hasText: string | RegExp }): Locator;
	getAttribute(name: string): Promise<string | null>;
	innerText(): Promise<string>;
	allInnerTexts(): Promise<string[]>;
	boundingBox(): Promise<Box | null>;
	scrollIntoViewIfNeeded(): Promise<void>;
	isVisible(): Promise<boolean>;
	waitFor(options?: Waiting & { state?: 'visible' | 'hidden' }): Promise<void>;
}

interface ConsoleMessage {
	type(): string;
	text(): string;
	location(): { readonly url: string };
}

interface Response {
	status(): number;
	url(): string;
}

/** The window of the system that asks for a file. */
interface FileChooser {
	setFiles(path: string): Promise<void>;
}

export interface Page extends Finding {
	on(event: 'pageerror', listener: (error: Error) => void): unknown;
	on(event: 'console', listener: (message: ConsoleMessage) => void): unknown;
	on(event: 'response', listener: (response: Response) => void): unknown;
	evaluate(script: string): Promise<unknown>;
	readonly mouse: {
		move(x: number, y: number, options?: { steps: number }): Promise<void>;
		down(): Promise<void>;
		up(): Promise<void>;
	};
	readonly keyboard: { press(key: string): Promise<void>; insertText(text: string): Promise<void> };
	url(): string;
	goto(url: string): Promise<unknown>;
	setExtraHTTPHeaders(headers: Readonly<Record<string, string>>): Promise<void>;
	waitForURL(url: RegExp): Promise<void>;
	waitForEvent(event: 'filechooser'): Promise<FileChooser>;
	waitForTimeout(milliseconds: number): Promise<void>;
	screenshot(options: Waiting & { path?: string; clip?: Box; fullPage?: boolean }): Promise<Buffer>;
	setDefaultTimeout(milliseconds: number): void;
}

/** A cookie of a site. */
export interface Cookie {
	readonly name: string;
	readonly value: string;
	readonly url: string;
}

interface BrowserContext {
	addCookies(cookies: readonly Cookie[]): Promise<void>;
	/** Runs a script in each page before its own ones. */
	addInitScript(script: { readonly content: string }): Promise<unknown>;
	pages(): Page[];
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

interface Playwright {
	readonly selectors: { setTestIdAttribute(name: string): void };
	readonly chromium: {
		launchPersistentContext(folder: string, options: object): Promise<BrowserContext>;
	};
}

/** The size of the window, and of whole-window screenshots. CSS pixels. */
const WINDOW = { width: 1440, height: 900 };

/** How long a click waits for what is to be clicked, and a page for its answer: a busy machine is slow. */
const LONGEST_WAIT_MS = 60_000;

const FLAGS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	// Pages with fonts of the internet would wait for them.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A Chromium with a profile of its own, and its one page. */
export interface Browser {
	readonly context: Pick<BrowserContext, 'addCookies' | 'addInitScript'>;
	readonly page: Page;
	close(): Promise<void>;
}

/** What a profile has of pages that were loaded: their files, and their scripts in compiled form. */
const CACHES = ['Cache', 'Code Cache'];

async function moveCaches(from: string, to: string): Promise<void> {
	await mkdir(to, { recursive: true });
	for (const cache of CACHES.filter((name) => existsSync(join(from, name)))) {
		await rename(join(from, cache), join(to, cache));
	}
}

/**
 * Starts a browser with an empty profile.
 *
 * @param site the origin whose files it takes over from the browser before it, and leaves to the one after it: of 6 s of processor time for a
 *   first page of n8n's editor they save 2, and of 2 s in n8n nearly all
 */
export async function openBrowser(site?: string): Promise<Browser> {
	const { chromium, selectors } = createRequire(join(e2eFolder, 'package.json'))(
		'playwright-core',
	) as Playwright;
	const executablePath = findChromium();
	if (executablePath === undefined) {
		throw new CannotStart('There is no Chromium: install it, or name it in CHROMIUM.');
	}
	selectors.setTestIdAttribute('data-test-id');
	const folder = await mkdtemp(join(tmpdir(), 'e2e-browser-'));
	const profile = join(folder, 'Default');
	const kept = site === undefined ? undefined : join(tmpdir(), `e2e-site-${new URL(site).port}`);
	if (kept !== undefined) {
		await moveCaches(kept, profile);
	}
	const context = await chromium.launchPersistentContext(folder, {
		executablePath,
		args: FLAGS,
		viewport: WINDOW,
		locale: 'en-US',
		// Of 3 s of processor time for drawing five pages of n8n's editor this saves 1 to 2.
		reducedMotion: 'reduce',
	});
	const page = context.pages()[0] ?? (await context.newPage());
	page.setDefaultTimeout(LONGEST_WAIT_MS);
	const close = async () => {
		await context.close();
		if (kept !== undefined) {
			await moveCaches(profile, kept);
		}
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	return { context, page, close };
}

/** The browser. */
export const chromiumPart: MachinePart = {
	name: 'Chromium',
	debianPackage: 'chromium',
	isThere: () => findChromium() !== undefined,
};

/** Without one, pictures have boxes where Chinese stands. */
export const chineseFontPart: MachinePart = {
	name: 'a font with Chinese characters',
	debianPackage: 'fonts-noto-cjk',
	isThere: () => spawnSync('fc-list', [':lang=zh'], { encoding: 'utf8' }).stdout?.trim() !== '',
};

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium that CHROMIUM names, or the one of the system. */
function findChromium(): string | undefined {
	const { CHROMIUM } = process.env;
	const places = CHROMIUM === undefined ? PLACES : [CHROMIUM];
	return places.find((place) => existsSync(place));
}
