using MLNetMeta.Reproduce;

// dotnet run -c Release --project benchmarks/Reproduce -- EXPERIMENT [--quick] [--seed N] [--output FOLDER] [--threads N]
return Experiments.Command().Parse(args).Invoke();
