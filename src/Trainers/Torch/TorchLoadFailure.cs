namespace MLNetMeta.Trainers.Torch;

/// <summary>What is known when libtorch did not load.</summary>
/// <param name="Platform">Operating system and processor, as in a runtime identifier: <c>linux-x64</c>.</param>
/// <param name="LibtorchFolder">The searched folder that holds libtorch; <see langword="null"/> when none does.</param>
/// <param name="SearchedFolders">Where the runtime looks for native libraries.</param>
/// <param name="LoaderError">The operating system's message.</param>
internal sealed record TorchLoadFailure(string Platform, string? LibtorchFolder, string[] SearchedFolders, string LoaderError);
