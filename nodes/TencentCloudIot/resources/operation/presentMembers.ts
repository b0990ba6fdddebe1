/** Members that may be undefined become optional. */
type PresentMembers<Members> = {
	[Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name];
} & {
	[Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<
		Members[Name],
		undefined
	>;
};

/** Removes undefined members and keeps the order of the others. n8n would show undefined members as empty columns. */
export function presentMembers<Members extends object>(members: Members): PresentMembers<Members> {
	const present = Object.entries(members).filter(([, value]) => value !== undefined);
	return Object.fromEntries(present) as PresentMembers<Members>;
}
