/** A resource locator as the editor stores it. */
export const picked = (value: string) => ({ __rl: true, mode: 'id', value });
