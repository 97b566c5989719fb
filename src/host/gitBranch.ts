import { Disposable, type Event, extensions, workspace } from 'vscode';

/** As much of the API of VS Code's own Git extension as is needed here. */
interface GitExtension {
  getAPI(version: 1): GitApi;
}

interface GitApi {
  readonly onDidOpenRepository: Event<GitRepository>;
  getRepository(uri: unknown): GitRepository | null;
}

interface GitRepository {
  readonly state: { readonly HEAD?: { readonly name?: string }; readonly onDidChange: Event<void> };
}

/** Which branch the first workspace folder is on, as far as VS Code's Git extension has told. */
export class GitBranch {
  #api: GitApi | null = null;
  #repository: GitRepository | null = null;
  #listening: Disposable[] = [];
  #changed: () => void = () => undefined;
  #told = '';

  /** Looks for the Git extension, which starts in its own time, and tells when the branch is another one. */
  connect(changed: () => void): Disposable {
    this.#changed = changed;
    this.#find();
    const looking = extensions.onDidChange(() => this.#find());
    return new Disposable(() => {
      looking.dispose();
      for (const each of this.#listening.splice(0)) each.dispose();
    });
  }

  /** '' where there is no repository, no branch, or no Git. */
  get name(): string {
    this.#find();
    return this.#repository?.state.HEAD?.name ?? '';
  }

  #find(): void {
    if (this.#api === null) this.#connectToGit();
    const folder = workspace.workspaceFolders?.[0];
    if (this.#api === null || this.#repository !== null || folder === undefined) return;
    this.#repository = this.#api.getRepository(folder.uri);
    const state = this.#repository?.state;
    if (state !== undefined) this.#listening.push(state.onDidChange(() => this.#tell()));
  }

  #connectToGit(): void {
    const git = extensions.getExtension<GitExtension>('vscode.git');
    if (git?.isActive !== true) return;
    try {
      this.#api = git.exports.getAPI(1);
    } catch {
      // Git is switched off in the settings: then there are no branches.
      return;
    }
    this.#listening.push(this.#api.onDidOpenRepository(() => this.#tell()));
  }

  #tell(): void {
    const { name } = this;
    if (name === this.#told) return;
    this.#told = name;
    this.#changed();
  }
}
