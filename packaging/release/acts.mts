import { REPOSITORY } from './links.mts';

/** The manual steps of a release, in order, with what to click. CONTRIBUTING has the details. */
export const ACTS: readonly string[] = [
	'Ask the real service, with a key: npm start -- --probe --live. Does README say what probe/report.md found?',
	`GitHub, once: make ${REPOSITORY.slice('https://github.com/'.length)} public. Settings → Code security → Private vulnerability reporting → Enable.`,
	'GitHub, once: Settings → Environments → New environment "npm" → Required reviewers: a maintainer; Deployment branches and tags → Selected → v*.',
	'npm, once: sign in with two-factor authentication, create the package by its first publication, then Settings → Trusted publisher → GitHub Actions: this repository, publish.yml, environment npm; Publishing access → Require two-factor authentication and disallow tokens.',
	'Look at each picture of README once more, and read the first section of CHANGELOG.md aloud.',
	'git tag -a v<version> -m <version> && git push --follow-tags. On GitHub: Actions → Publish → Review deployments → npm → Approve and deploy.',
	'n8n, once: submit the package for verification in the Creator Portal (creators.n8n.io/nodes → Submit).',
];
