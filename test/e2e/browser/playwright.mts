import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { e2eFolder } from '../setup/folders.mts';
import type { MachinePart } from '../setup/machinePart.mts';
import { CannotStart } from '../setup/stopMessage.mts';

// The types of playwright-core that are used here: it is installed on demand, and the checkout is type-checked without it.

interface Waiting {
	readonly timeout?: number;
}

/** The position and size of an element in the window. */
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

/** Elements of the page, looked up again at each use. */
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

/** The file chooser of the operating system. */
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
	/** Runs a script in each page before the page's own scripts. */
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

/** How long a click waits for its element, and a page for its response: a busy machine is slow. */
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
	// Without this, pages would wait for web fonts.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A Chromium with its own profile and one page. */
export interface Browser {
	readonly context: Pick<BrowserContext, 'addCookies' | 'addInitScript'>;
	readonly page: Page;
	close(): Promise<void>;
}

/** The caches of a profile: loaded files and compiled scripts. */
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
 * @param site the origin whose cached files it inherits from the previous browser and leaves to the next one: for a first page of n8n's
 *   editor this saves 2 of 6 s of processor time in the browser, and nearly all of 2 s in n8n
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
		// This saves 1 to 2 of the 3 s of processor time that drawing five pages of n8n's editor takes.
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

/** The browser of the tests. */
export const chromiumPart: MachinePart = {
	name: 'Chromium',
	debianPackage: 'chromium',
	isThere: () => findChromium() !== undefined,
};

/** Without it, pictures show boxes instead of Chinese characters. */
export const chineseFontPart: MachinePart = {
	name: 'a font with Chinese characters',
	debianPackage: 'fonts-noto-cjk',
	isThere: () => spawnSync('fc-list', [':lang=zh'], { encoding: 'utf8' }).stdout?.trim() !== '',
};

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium in the environment variable CHROMIUM, or that of the system. */
function findChromium(): string | undefined {
	const { CHROMIUM } = process.env;
	const places = CHROMIUM === undefined ? PLACES : [CHROMIUM];
	return places.find((place) => existsSync(place));
}
